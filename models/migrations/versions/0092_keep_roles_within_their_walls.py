"""Nobody gives themselves rights, what is in use stays in use, somebody who manages accounts stays, and no role is deleted."""

from pathlib import Path

from alembic import op

revision = "0092"
down_revision = "0093"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "role_walls.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
