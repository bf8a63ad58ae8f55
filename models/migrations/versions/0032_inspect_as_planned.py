"""Inspect as the plan asks: gauge, qualification, digits as entered, and a signed reason before a retest."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "inspecting.sql"


def upgrade() -> None:
    """Apply; plans of before ask for no qualification, and results of before stay as they were told."""
    op.add_column("inspection_plan", sa.Column("qualification", sa.Text(), nullable=True))
    op.add_column("environment_reading", sa.Column("told", sa.Text(), nullable=True))
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
