"""Each role of the application writes its own part only, and what the record relies on stays; what is there stands as it is."""

from pathlib import Path

from alembic import op

revision = "0062"
down_revision = "0059"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "left_open.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
