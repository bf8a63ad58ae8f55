"""An emergency change, recorded after it was done: kept apart, and what ran so locked until it is approved or decided on."""

from pathlib import Path

from alembic import op

revision = "0107"
down_revision = "0106"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "sql" / "change_emergency.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(FILE.read_text(encoding="utf-8").replace("%", "%%"))
