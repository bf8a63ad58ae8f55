"""Corrections of what was consumed: links, movements and holds say the same, and a closed lot can be there again."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql((SQL / "corrections.sql").read_text(encoding="utf-8").replace("%", "%%"))
