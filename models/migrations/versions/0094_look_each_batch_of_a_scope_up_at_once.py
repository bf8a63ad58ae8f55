"""The wall around a recall's scope looks each batch up among those that were computed, however many there are."""

from pathlib import Path

from alembic import op

revision = "0094"
down_revision = "0092"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "scope_at_once.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
