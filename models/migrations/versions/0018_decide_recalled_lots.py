"""What becomes of the batches in house of a recall, and the wall that no recall closes without knowing it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0018, AUDITED_0018

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "recall_lot_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("recall_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('scrap', 'rework', 'release')", name=op.f("ck_recall_lot_decision_kind")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_recall_lot_decision_quantity")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_recall_lot_decision_decided_by_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_recall_lot_decision_lot_id")),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_lot_decision_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_lot_decision")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recall_lot_decision_public_id")),
    )
    op.create_index(
        "ix_recall_lot_decision_recall_id_lot_id", "recall_lot_decision", ["recall_id", "lot_id"], unique=False
    )
    op.create_index(op.f("ix_recall_lot_decision_lot_id"), "recall_lot_decision", ["lot_id"], unique=False)
    op.get_bind().exec_driver_sql((SQL / "recall_close.sql").read_text(encoding="utf-8").replace("%", "%%"))
    for name in AUDITED_0018:
        audit(name)
        op.execute(f"grant select, insert on {name} to batchwright_app")
    for name in APPEND_ONLY_0018:
        forbid_change(name)
