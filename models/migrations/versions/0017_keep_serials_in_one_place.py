"""Keep a serial number in one place: by which movement it left, and the walls around it.

What an earlier system told stays as it is: its shipments and lots are not judged by these walls.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    op.add_column("serial_unit", sa.Column("left_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_serial_unit_left_by_id"), "serial_unit", "stock_movement", ["left_by_id"], ["id"])
    op.create_index(op.f("ix_serial_unit_left_by_id"), "serial_unit", ["left_by_id"], unique=False)
    op.get_bind().exec_driver_sql((SQL / "serials.sql").read_text(encoding="utf-8").replace("%", "%%"))
