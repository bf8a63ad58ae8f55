"""A quality hold is one act: how far it reaches, what lies beyond it, whom it sends; what is made of held goods is held."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import AUDITED_0100

revision = "0100"
down_revision = "0099"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    _run("hold_acts.sql")
    for table in AUDITED_0100:
        audit(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
        op.execute(f"grant select, insert on {table} to batchwright_app")
        forbid_change(table)
    _run("hold_acts_walls.sql")


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
