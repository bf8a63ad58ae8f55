"""Changes: the request, what it touches each time that it was computed, and the batches that it locks until somebody has decided on them."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0098, AUDITED_0098

revision = "0098"
down_revision = "0097"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    _run("change_tables.sql")
    for table in AUDITED_0098:
        audit(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
        op.execute(
            f"grant select, insert{', update' if table not in APPEND_ONLY_0098 else ''} on {table} to batchwright_app"
        )
    for table in APPEND_ONLY_0098:
        forbid_change(table)
    _run("change_affects.sql")
    _run("change_walls.sql")


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
