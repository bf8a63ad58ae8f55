"""Judge work by when it was done: why an entry came late, and when a fact happened that was told afterwards."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply; what was recorded before is kept as it was told."""
    op.add_column("site", sa.Column("late_entry_hours", sa.Integer(), server_default="24", nullable=False))
    op.add_column("operation_run", sa.Column("late_reason", sa.Text(), nullable=True))
    op.add_column("lot_fact", sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True))
    op.get_bind().exec_driver_sql((SQL / "work_time.sql").read_text(encoding="utf-8").replace("%", "%%"))
