"""What is asked of a release and of a proof stands in functions of their own; the walls of the engine name no process."""

from pathlib import Path

from alembic import op

revision = "0093"
down_revision = "0090"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "engine_names_none.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
