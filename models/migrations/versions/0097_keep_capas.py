"""CAPAs: the case, what is planned in each round with its criterion, and what was measured; findings have a class of cause and a cost."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0097, AUDITED_0097

revision = "0097"
down_revision = "0096"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    _run("capa_tables.sql")
    for table in AUDITED_0097:
        audit(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
        op.execute(
            f"grant select, insert{', update' if table not in APPEND_ONLY_0097 else ''} on {table} to batchwright_app"
        )
    for table in APPEND_ONLY_0097:
        forbid_change(table)
    _run("capa_walls.sql")


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
