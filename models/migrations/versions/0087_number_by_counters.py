"""Numbers are given by counters, one for each kind, site and year: none twice, and no gap after what was rolled back."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "numbering.sql"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "numbering",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), server_default="", nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("year", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("next > 0", name=op.f("ck_numbering_next")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_numbering_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_numbering")),
        sa.UniqueConstraint(
            "kind",
            "scope",
            "site_id",
            "year",
            name=op.f("uq_numbering_kind_scope_site_id_year"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    op.execute("grant select, insert, update on numbering to batchwright_app")
