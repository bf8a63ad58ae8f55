"""A subject's owner changes by a signature."""

from pathlib import Path

from alembic import op

revision = "0095"
down_revision = "0094"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "owner_signed.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
