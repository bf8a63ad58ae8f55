"""The list of approved suppliers, and under which entry each lot was received; whom the plant has relied on so far is carried over."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0103, AUDITED_0103

revision = "0103"
down_revision = "0102"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sql"
CARRY = """
select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),
       set_config('bw.source', 'migration', true), set_config('bw.reason', 'who was relied on before the list was kept', true);
select carry_over_suppliers('carried_over');
"""


def upgrade() -> None:
    """Apply."""
    _run("supplier_tables.sql")
    for table in AUDITED_0103:
        audit(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
        op.execute(
            f"grant select, insert{', update' if table not in APPEND_ONLY_0103 else ''} on {table} to batchwright_app"
        )
    for table in APPEND_ONLY_0103:
        forbid_change(table)
    _run("supplier_walls.sql")
    op.get_bind().exec_driver_sql(CARRY)


def _run(name: str) -> None:
    op.get_bind().exec_driver_sql((FOLDER / name).read_text(encoding="utf-8").replace("%", "%%"))
