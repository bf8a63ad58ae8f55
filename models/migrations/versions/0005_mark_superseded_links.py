"""Say on each link, movement and shipped line since when it is known, and on a corrected link since when it isn't true.

What was known at a moment is asked of these and never of when something happened: a fact that is told late, or comes
with an import, changes no earlier answer (REQUIREMENTS 21).
"""

# ruff: noqa: S608 - statements are put together from names of our own

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
KNOWN = {"genealogy_edge": "t.at", "stock_movement": "t.at", "shipment_line": "now()"}
LIVE = sa.text("superseded_at is null")
LINKS = {
    "ix_genealogy_edge_down": ["parent_lot_id", "child_lot_id"],
    "ix_genealogy_edge_up": ["child_lot_id", "parent_lot_id"],
}
REACHED = {"lots_below": ("parent_lot_id", "child_lot_id"), "lots_above": ("child_lot_id", "parent_lot_id")}


def upgrade() -> None:
    """Apply."""
    for table in KNOWN:
        op.add_column(table, sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("genealogy_edge", sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
    _tell_the_past()
    for table in KNOWN:
        op.alter_column(table, "recorded_at", nullable=False, server_default=sa.text("now()"))
    for name, columns in LINKS.items():
        op.drop_index(name, "genealogy_edge")
        op.create_index(
            name, "genealogy_edge", columns, postgresql_include=["id", "recorded_at"], postgresql_where=LIVE
        )
    for column in ("parent_lot_id", "child_lot_id"):
        op.create_index(
            f"ix_genealogy_edge_dead_{column}",
            "genealogy_edge",
            [column],
            postgresql_where=sa.text("superseded_at is not null"),
        )
    op.execute("drop function lots_below(bigint[], timestamptz)")
    op.execute("drop function lots_above(bigint[], timestamptz)")
    reached = (SQL / "genealogy_live.sql").read_text(encoding="utf-8")
    for name, (here, there) in REACHED.items():
        _run(reached.replace("{name}", name).replace("{here}", here).replace("{there}", there))
    _run((SQL / "links_known.sql").read_text(encoding="utf-8"))


def _tell_the_past() -> None:
    """The trail knows when each row was written; what is older than the trail counts as known since it happened."""
    for table, otherwise in KNOWN.items():
        op.execute(f"alter table {table} disable trigger user")
        op.execute(
            f"update {table} t set recorded_at = coalesce((select min(a.at) from audit_event a"
            f" where a.table_name = '{table}' and a.row_id = t.id and a.operation = 'insert'), {otherwise})"
        )
    op.execute(
        "update genealogy_edge e set superseded_at ="
        " (select min(s.recorded_at) from genealogy_edge s where s.supersedes_id = e.id)"
        " where exists (select from genealogy_edge s where s.supersedes_id = e.id)"
    )
    for table in KNOWN:
        op.execute(f"alter table {table} enable trigger user")


def _run(statements: str) -> None:
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
