"""A run that is one of many knows its place in its parent, and what a run remembers of its waits and its many is so."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "waits_and_many.sql"


def upgrade() -> None:
    """Apply."""
    op.add_column("process_run", sa.Column("parent_stage", sa.Text(), nullable=True))
    op.add_column("process_run", sa.Column("parent_item", sa.Text(), nullable=True))
    op.add_column("process_run", sa.Column("parent_round", sa.DateTime(timezone=True), nullable=True))
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
