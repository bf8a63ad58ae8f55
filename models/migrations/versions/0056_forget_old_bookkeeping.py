"""Let bookkeeping that nobody can ask for any more go: receipts of acts, facts handed on, answers, sessions, drafts."""

from pathlib import Path

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "bookkeeping.sql"


def upgrade() -> None:
    """Apply; nothing goes before the worker asks for it."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
