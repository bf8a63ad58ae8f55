"""Verdicts come from values, and what people rely on stays; what was decided before stands as it is."""

from pathlib import Path

from alembic import op

from models.migrations.guards import forbid_change
from models.migrations.rights import APPEND_ONLY_0042

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "relied_on.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    for name in APPEND_ONLY_0042:
        op.execute(f"revoke update on {name} from batchwright_app")
        forbid_change(name)
