"""One number is one thing however it is spelled; a part of a piece is one in every unit; limits are the order's own."""

from pathlib import Path

from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "alike_and_whole.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
