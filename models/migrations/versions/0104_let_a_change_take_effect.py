"""When a verified change takes effect: on a day or with a batch, from which on batches are made the new way."""

from pathlib import Path

from alembic import op

revision = "0104"
down_revision = "0103"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "sql" / "change_effect.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(FILE.read_text(encoding="utf-8").replace("%", "%%"))
