"""What decides who may do what, and by which limits, changes with a reason only; what was changed before stands."""

from pathlib import Path

from alembic import op

from models.migrations.rights import REASONS_0043

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "reasons.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    for table, columns in REASONS_0043.items():
        named = ", ".join(f"'{one}'" for one in columns)
        op.execute(
            f"create trigger reason_wall before update of {', '.join(columns)} on {table}"
            f" for each row execute function reason_wall({named})"
        )
