"""What may follow what, and only with its proof; who worked, with what, and what was read there is written once."""

from pathlib import Path

from alembic import op

from models.migrations.guards import forbid_change
from models.migrations.rights import APPEND_ONLY_0029

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "transitions.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    for name in APPEND_ONLY_0029:
        op.execute(f"revoke update on {name} from batchwright_app")
        forbid_change(name)
