"""Name the load that batches shared, and find who lay in a room and when."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("operation_run", sa.Column("load_no", sa.Text(), nullable=True))
    op.create_index(
        "ix_operation_run_load_no", "operation_run", ["load_no"], postgresql_where=sa.text("load_no is not null")
    )
    for side in ("to", "from"):
        op.create_index(
            f"ix_stock_movement_{side}_location_id",
            "stock_movement",
            [f"{side}_location_id"],
            postgresql_where=sa.text(f"{side}_location_id is not null"),
        )
