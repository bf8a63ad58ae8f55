"""Receivers whom a customer names wait for somebody of ours before they are told."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.migrations.guards import audit
from models.migrations.rights import AUDITED_0063

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "recall_naming.sql"
CHECKS = {
    "quantity": "quantity > 0",
    "receivers": "jsonb_array_length(receivers) between 1 and 1000",
    "outcome": "outcome in ('confirmed', 'declined', 'cancelled')",
    "decided": "(outcome is null) = (decided_at is null)",
    "by": "outcome not in ('confirmed', 'declined') or decided_by_id is not null",
}
REFERS = {
    "recall_id": "recall",
    "notice_id": "recall_notice",
    "run_id": "process_run",
    "decided_by_id": "person",
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "recall_naming",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("recall_id", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("named_by", sa.Text(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link", sa.Boolean(), nullable=False),
        sa.Column("quantity", sa.Numeric(20, 6), nullable=False),
        sa.Column("receivers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_recall_naming_{name}")) for name, rule in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_recall_naming_{column}"))
            for column, table in REFERS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_naming")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recall_naming_public_id")),
    )
    for column in REFERS:
        op.create_index(op.f(f"ix_recall_naming_{column}"), "recall_naming", [column], unique=False)
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    for name in AUDITED_0063:
        audit(name)
        op.execute(f"grant select, insert, update on {name} to batchwright_app")
