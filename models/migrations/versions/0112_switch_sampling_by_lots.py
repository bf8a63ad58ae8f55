"""How strictly incoming lots are inspected by the switching rules, with the lots that count in it; those of before are counted too."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0112, AUDITED_0112

revision = "0112"
down_revision = "0111"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    _run("sampling_tables.sql")
    for table in AUDITED_0112:
        audit(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
        op.execute(
            f"grant select, insert{', update' if table not in APPEND_ONLY_0112 else ''} on {table} to batchwright_app"
        )
    _run("sampling_before.sql")
    for table in APPEND_ONLY_0112:
        forbid_change(table)
    _run("sampling_walls.sql")


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
