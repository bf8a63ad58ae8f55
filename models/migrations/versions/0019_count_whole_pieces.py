"""Count whole pieces, and let an item say how far its mass balance may be off.

What was recorded in parts of pieces before stays, and may be used up; what an earlier system told isn't judged.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "item",
        sa.Column("tolerance_percent", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
    )
    op.create_check_constraint(op.f("ck_item_tolerance_percent"), "item", "tolerance_percent between 0 and 100")
    op.get_bind().exec_driver_sql((SQL / "whole.sql").read_text(encoding="utf-8").replace("%", "%%"))
