"""A nonconformance is what its own process is about, also before there is a batch."""

from pathlib import Path

from alembic import op

revision = "0096"
down_revision = "0095"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "nonconformance_itself.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
