"""Read EPC URIs in the database too, say once what may be a label, and refuse whole labels as numbers of anything."""

from pathlib import Path

from alembic import op

revision = "0059"
down_revision = "0057"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "whole_labels.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
