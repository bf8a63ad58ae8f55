"""The saved queries that say which batches a CAPA is about (REQUIREMENTS 41)."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit
from models.migrations.rights import AUDITED_0099

revision = "0099"
down_revision = "0098"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    _run("capa_scope.sql")
    for table in AUDITED_0099:
        audit(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
        op.execute(f"grant select, insert, update on {table} to batchwright_app")
    _run("capa_scope_walls.sql")


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
