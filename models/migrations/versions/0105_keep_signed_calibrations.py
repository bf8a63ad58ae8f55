"""Signed calibrations with what was found, what they block, and the assessments of what was measured out of tolerance."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit
from models.migrations.rights import AUDITED_0105

revision = "0105"
down_revision = "0104"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    _run("calibration_tables.sql")
    for table in AUDITED_0105:
        audit(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
        op.execute(f"grant select, insert, update on {table} to batchwright_app")
    _run("calibration_walls.sql")


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
