"""What turns out to belong to a recall is held by it; what is recorded already stands."""

from pathlib import Path

from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "joined.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
