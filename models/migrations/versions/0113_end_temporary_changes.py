"""A change for a time: until a day has ended, for a number of batches, or whichever is first; extended by a signature, each time counted."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0113

revision = "0113"
down_revision = "0112"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "sql" / "change_temporary.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(FILE.read_text(encoding="utf-8").replace("%", "%%"))
    for table in APPEND_ONLY_0113:
        audit(table)
        forbid_change(table)
        op.execute(
            f"create trigger api_stays_out before insert or delete or update on {table} for each statement execute function api_stays_out()"
        )
    op.execute("grant select, insert on change_batch, change_extension to batchwright_app")
