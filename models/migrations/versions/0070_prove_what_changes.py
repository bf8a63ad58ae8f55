"""Rows change only together with the row that proves it; what is there stands as it is."""

from pathlib import Path

from alembic import op

revision = "0070"
down_revision = "0066"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "proofs.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
