"""A day of manufacture or of retest that is printed as a month stays one; what was written as a day before stays that day."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "printed_dates.sql"


def upgrade() -> None:
    """Apply."""
    for column in ("made_precision", "retest_precision"):
        op.add_column("lot", sa.Column(column, sa.Text(), server_default="day", nullable=False))
        op.create_check_constraint(op.f(f"ck_lot_{column}"), "lot", f"{column} in ('day', 'month')")
    op.alter_column(
        "trace_health_lot",
        "manufactured_on",
        type_=sa.Text(),
        existing_type=sa.Date(),
        postgresql_using="manufactured_on::text",
    )
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
