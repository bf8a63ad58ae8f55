"""Workers give signs of life through the record, the clock may not go back, and a lock after wrong passwords ends by itself.

Accounts that were locked for good are free an hour after it.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import AUDITED_0031, DELETABLE_0031

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
ACTOR = (
    "select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),"
    " set_config('bw.source', 'update', true)"
)
"""The trail takes no change without one, not even of no row."""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "worker_beat",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("process", sa.BigInteger(), nullable=False),
        sa.Column(
            "queues", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("build", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_beat")),
        sa.UniqueConstraint("worker", name=op.f("uq_worker_beat_worker")),
    )
    for name in DELETABLE_0031:
        op.execute(f"grant select, insert, update, delete on {name} to batchwright_app")
    op.create_table(
        "clock_jump",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_event_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_clock_jump_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_jump")),
    )
    for name in AUDITED_0031:
        audit(name)
        op.execute(f"grant select, insert on {name} to batchwright_app")
        forbid_change(name)
    op.add_column("account", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
    op.execute(ACTOR)
    op.execute("update account set locked_until = locked_at + interval '1 hour' where locked_at is not null")
    op.get_bind().exec_driver_sql((SQL / "clock.sql").read_text(encoding="utf-8").replace("%", "%%"))
