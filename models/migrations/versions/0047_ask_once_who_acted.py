"""Ask once for each actor of a statement whether the plant knows it, not once for each of its audit events."""

from pathlib import Path

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "audit_actor_once.sql"


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
