"""A number of master data is given once, however it is typed; what folds alike already stands as it is."""

from pathlib import Path

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "master_numbers.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
