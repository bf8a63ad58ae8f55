"""What a step did is asked by the names of its effects, never by the key of the step."""

from pathlib import Path

from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "effects_named.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
