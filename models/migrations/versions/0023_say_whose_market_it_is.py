"""Whose market a customer is, where the plant stands, and the telephone that recall letters give.

Customers of before have no country: no market is assumed for them, and the cockpit of a recall says so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("customer", sa.Column("country", sa.Text(), nullable=True))
    op.add_column("site", sa.Column("country", sa.Text(), server_default="CN", nullable=False))
    op.add_column("site", sa.Column("phone", sa.Text(), nullable=True))
    for table in ("customer", "site"):
        op.create_check_constraint(op.f(f"ck_{table}_country"), table, "country ~ '^[A-Z]{2}$'")
