"""Find a trace's lots level by level, write the trail by statement, hold a scope in one statement; two more walls."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
LINKS = {
    "ix_genealogy_edge_down": ["parent_lot_id", "child_lot_id"],
    "ix_genealogy_edge_up": ["child_lot_id", "parent_lot_id"],
}


def upgrade() -> None:
    """Apply."""
    for name, columns in LINKS.items():
        op.drop_index(name, "genealogy_edge")
        op.create_index(name, "genealogy_edge", columns, unique=False, postgresql_include=["id", "at"])
    op.drop_index("ix_genealogy_edge_supersedes_id", "genealogy_edge")
    op.create_index(
        "ix_genealogy_edge_supersedes_id",
        "genealogy_edge",
        ["supersedes_id"],
        unique=False,
        postgresql_include=["at"],
        postgresql_where=sa.text("supersedes_id is not null"),
    )
    op.drop_index("ix_lot_import_row_id", "lot")
    op.create_index(
        "uq_lot_import_row_id",
        "lot",
        ["import_row_id"],
        unique=True,
        postgresql_where=sa.text("import_row_id is not null"),
    )
    for name in ("genealogy.sql", "audit_by_statement.sql", "hold_by_statement.sql"):
        op.get_bind().exec_driver_sql((SQL / name).read_text(encoding="utf-8").replace("%", "%%"))
