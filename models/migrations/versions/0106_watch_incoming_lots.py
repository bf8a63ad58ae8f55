"""Charts of incoming lots with frozen limits, the alerts that they raise, and sampling tightened meanwhile."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0106, AUDITED_0106

revision = "0106"
down_revision = "0105"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    _run("drift_tables.sql")
    for table in AUDITED_0106:
        audit(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
        op.execute(
            f"grant select, insert{', update' if table not in APPEND_ONLY_0106 else ''} on {table} to batchwright_app"
        )
    for table in APPEND_ONLY_0106:
        forbid_change(table)
    _run("drift_walls.sql")


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
