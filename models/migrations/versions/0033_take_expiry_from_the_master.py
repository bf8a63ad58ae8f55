"""Take expiry and retest dates from the item master, and keep why a batch has another one."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "shelf_life.sql"


def upgrade() -> None:
    """Apply; batches of before keep the dates that they have, and a release says what is missing."""
    op.add_column("item", sa.Column("retest_months", sa.Integer(), nullable=True))
    op.add_column("lot", sa.Column("expiry_reason", sa.Text(), nullable=True))
    op.add_column("lot", sa.Column("retest_on", sa.Date(), nullable=True))
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
