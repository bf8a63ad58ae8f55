"""Corrective action requests to suppliers, with each round, what came back through its link, and what was decided about it."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0108, AUDITED_0108

revision = "0108"
down_revision = "0107"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"
BY_THE_DOOR = "scar_file"
"""What the supplier sends is kept by the door that it comes through, as attachments are; everything else is an act."""


def upgrade() -> None:
    """Apply."""
    _run("scar_tables.sql")
    for table in AUDITED_0108:
        audit(table)
        if table != BY_THE_DOOR:
            op.execute(
                f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
            )
        op.execute(
            f"grant select, insert{', update' if table not in APPEND_ONLY_0108 else ''} on {table} to batchwright_app"
        )
    for table in APPEND_ONLY_0108:
        forbid_change(table)
    _run("scar_walls.sql")


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
