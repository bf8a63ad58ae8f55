"""So much of a batch is held at one place, while the rest of it goes on (ISO 13485 8.3.1)."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit
from models.migrations.rights import AUDITED_0101

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    _run("hold_parts.sql")
    for table in AUDITED_0101:
        audit(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
        op.execute(f"grant select, insert, update on {table} to batchwright_app")
    _run("hold_parts_walls.sql")


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
