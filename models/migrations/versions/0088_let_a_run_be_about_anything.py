"""A run is about a subject of the kind that its definition says."""

from pathlib import Path

from alembic import op

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "about_anything.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
