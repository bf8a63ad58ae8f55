"""Scrapping what came back is signed; what was scrapped before stands as it was decided."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "scrap_signed.sql"


def upgrade() -> None:
    """Apply."""
    op.add_column("recall_disposition", sa.Column("signature_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_recall_disposition_signature_id"), "recall_disposition", "signature", ["signature_id"], ["id"]
    )
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
