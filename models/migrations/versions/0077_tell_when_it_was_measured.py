"""Values that were measured before they are entered say when, and why they come late; nothing moves at a time that has not been."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    op.add_column("inspection_result", sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("inspection_result", sa.Column("late_reason", sa.Text(), nullable=True))
    for name in ("measured.sql", "times_told.sql"):
        op.get_bind().exec_driver_sql(SQL.joinpath(name).read_text(encoding="utf-8").replace("%", "%%"))
