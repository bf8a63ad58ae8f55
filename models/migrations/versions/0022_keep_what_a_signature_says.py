"""Keep what a signature says beside the record that it is over; signatures of before keep their form (21 CFR 11.70)."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    op.add_column("signing_attempt", sa.Column("statement", sa.Text(), nullable=True))
    op.add_column("signature", sa.Column("statement", sa.Text(), nullable=True))
    # a constant default fills the rows of before without touching them: they are of form 1
    op.add_column("signature", sa.Column("form", sa.Integer(), server_default="1", nullable=False))
    op.alter_column("signature", "form", server_default="2")
    op.get_bind().exec_driver_sql((SQL / "statements.sql").read_text(encoding="utf-8").replace("%", "%%"))
