"""Escalate, and call a legal clock near or missed, when its moment has come and not before."""

from pathlib import Path

from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "moments_come.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
