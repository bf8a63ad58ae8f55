"""An event's leaf covers its number and its lot; events of before keep form 1."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "audit_leaf_of_form_two.sql"


def upgrade() -> None:
    """Apply."""
    op.add_column("audit_event", sa.Column("form", sa.SmallInteger(), server_default="1", nullable=False))
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
