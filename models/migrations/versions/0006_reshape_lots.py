"""Split, merge, repack and partial disposition: what goes from lot to lot, and the walls around it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
QUANTITY = sa.Numeric(precision=20, scale=6)
KINDS = (
    "kind in ('receive', 'produce', 'move', 'consume', 'ship', 'return', 'scrap', 'sample', 'adjust',"
    " 'reshape-out', 'reshape-in')"
)


def upgrade() -> None:
    """Apply."""
    op.add_column("lot", sa.Column("pack_size", QUANTITY, server_default=sa.text("1"), nullable=False))
    op.create_check_constraint(op.f("ck_lot_pack_size"), "lot", "pack_size > 0")
    op.add_column("genealogy_edge", sa.Column("child_quantity", QUANTITY, nullable=True))
    op.add_column("genealogy_edge", sa.Column("child_uom", sa.Text(), nullable=True))
    op.add_column("stock_movement", sa.Column("edge_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_stock_movement_edge_id"), "stock_movement", "genealogy_edge", ["edge_id"], ["id"])
    op.create_index(
        "ix_stock_movement_edge_id",
        "stock_movement",
        ["edge_id"],
        unique=False,
        postgresql_where=sa.text("edge_id is not null"),
    )
    op.drop_constraint(op.f("ck_stock_movement_kind"), "stock_movement", type_="check")
    op.create_check_constraint(op.f("ck_stock_movement_kind"), "stock_movement", KINDS)
    op.get_bind().exec_driver_sql((SQL / "reshape.sql").read_text(encoding="utf-8").replace("%", "%%"))
