"""Compare the record's clock with the engine's; a difference is an event, and nothing else is recorded while it lasts."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0053, AUDITED_0053

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "clocks_compared.sql"


def upgrade() -> None:
    """Apply."""
    op.add_column("worker_beat", sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("worker_beat", sa.Column("ahead_least", sa.BigInteger(), nullable=True))
    op.add_column("worker_beat", sa.Column("ahead_most", sa.BigInteger(), nullable=True))
    op.create_table(
        "clock_difference",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("apart", sa.Boolean(), nullable=False),
        sa.Column("ahead_least", sa.BigInteger(), nullable=False),
        sa.Column("ahead_most", sa.BigInteger(), nullable=False),
        sa.Column("last_event_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ahead_least <= ahead_most", name=op.f("ck_clock_difference_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_difference")),
    )
    for name in AUDITED_0053:
        audit(name)
        op.execute(f"grant select, insert on {name} to batchwright_app")
    for name in APPEND_ONLY_0053:
        forbid_change(name)
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
