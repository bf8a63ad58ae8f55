"""Breakdowns of equipment, what was told of them, and the batches that were under way."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0111, AUDITED_0111

revision = "0111"
down_revision = "0110"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    _run("breakdown_tables.sql")
    for table in AUDITED_0111:
        audit(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
        op.execute(
            f"grant select, insert{', update' if table not in APPEND_ONLY_0111 else ''} on {table} to batchwright_app"
        )
    for table in APPEND_ONLY_0111:
        forbid_change(table)
    _run("breakdown_walls.sql")


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
