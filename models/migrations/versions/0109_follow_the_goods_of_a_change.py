"""What a batch that a change touches was split, merged, repacked or reworked into is touched as well."""

from pathlib import Path

from alembic import op

revision = "0109"
down_revision = "0108"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "sql" / "change_goods.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(FILE.read_text(encoding="utf-8").replace("%", "%%"))
