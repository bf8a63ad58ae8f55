"""Where a customer stands in the distribution chain; the depth of a recall chooses by it who is told."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from models.migrations.rights import REASONS_0055

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "recall_depth.sql"


def upgrade() -> None:
    """Apply; of customers of before nobody has said a level."""
    op.add_column("customer", sa.Column("level", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_customer_level"), "customer", "level in ('wholesale', 'retail', 'user')")
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    for table, columns in REASONS_0055.items():
        named = ", ".join(f"'{one}'" for one in columns)
        op.execute(
            f"create trigger reason_wall before update of {', '.join(columns)} on {table}"
            f" for each row execute function reason_wall({named})"
        )
