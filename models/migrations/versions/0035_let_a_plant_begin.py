"""A plant says its language when it begins; those of before go by the setting."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("site", sa.Column("language", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_site_language"), "site", "language in ('zh', 'en')")
