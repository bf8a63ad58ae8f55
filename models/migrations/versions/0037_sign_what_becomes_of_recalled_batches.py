"""Scrapping recalled batches in house is signed; what was decided before stands as it was."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "scrap_lots_signed.sql"


def upgrade() -> None:
    """Apply."""
    op.add_column("recall_lot_decision", sa.Column("signature_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_recall_lot_decision_signature_id"), "recall_lot_decision", "signature", ["signature_id"], ["id"]
    )
    op.create_index(op.f("ix_recall_lot_decision_signature_id"), "recall_lot_decision", ["signature_id"], unique=False)
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
