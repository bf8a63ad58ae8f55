"""One key per number: spellings of one number are found together, and no new batch number folds like another.

Numbers that fold alike already stay as they are and are listed (`own_numbers_alike`).
"""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql((SQL / "identity.sql").read_text(encoding="utf-8").replace("%", "%%"))
    op.execute("grant select on own_number to batchwright_app")
