"""An order tells when it was opened, and no operation of it began before; a plant has a zone that there is."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "order_opened.sql"


def upgrade() -> None:
    """Apply."""
    op.add_column("work_order", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
