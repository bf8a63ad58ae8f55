"""What is proposed to be rejected stays in its batch until that is decided."""

from pathlib import Path

from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "proposed.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
