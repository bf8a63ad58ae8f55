"""Only an import brings over what another system says, beside the rows that prove it; its runs are kept as written."""

from pathlib import Path

from alembic import op

from models.migrations.guards import forbid_change
from models.migrations.rights import APPEND_ONLY_0040

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "imported.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    for name in APPEND_ONLY_0040:
        op.execute(f"revoke update on {name} from batchwright_app")
        forbid_change(name)
