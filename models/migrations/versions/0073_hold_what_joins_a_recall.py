"""What turns out to belong to a recall is held by it, and whose market a customer is changes with a reason; what is recorded stands."""

from pathlib import Path

from alembic import op

from models.migrations.rights import REASONS_0073

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "joined.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    for table, columns in REASONS_0073.items():
        listed, named = ", ".join(columns), ", ".join(f"'{one}'" for one in columns)
        op.execute(
            f"create trigger reason_wall_country before update of {listed} on {table}"
            f" for each row execute function reason_wall({named})"
        )
