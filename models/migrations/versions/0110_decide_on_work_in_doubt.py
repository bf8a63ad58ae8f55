"""Work that was done with equipment out of tolerance is decided on like what it measured."""

from pathlib import Path

from alembic import op

revision = "0110"
down_revision = "0109"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "sql" / "calibration_operations.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(FILE.read_text(encoding="utf-8").replace("%", "%%"))
