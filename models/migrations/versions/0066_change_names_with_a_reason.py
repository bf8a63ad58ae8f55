"""Names of items, partners, places, machines and people change with a reason, to words; what things are called now stands."""

from pathlib import Path

from alembic import op

from models.migrations.rights import REASONS_0066

revision = "0066"
down_revision = "0064"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "naming.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    for table, columns in REASONS_0066.items():
        listed, named = ", ".join(columns), ", ".join(f"'{one}'" for one in columns)
        op.execute(
            f"create trigger reason_wall_name before update of {listed} on {table}"
            f" for each row execute function reason_wall({named})"
        )
        op.execute(
            f"create trigger name_wall before update of {listed} on {table}"
            f" for each row when (old.name is distinct from new.name or old.name_en is distinct from new.name_en)"
            f" execute function name_wall()"
        )
