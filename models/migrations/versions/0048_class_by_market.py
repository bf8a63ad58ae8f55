"""The class of a recall in each market, and what is done with its goods and down to whom; what was decided before stays."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0048, AUDITED_0048

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "recall_markets.sql"
HANDLING = {
    "action": "action in ('correction', 'removal')",
    "measure": "measure in ('warning', 'inspection', 'repair', 'relabel', 'software', 'replace', 'take_back', 'destroy')"
    " and (measure is null) = (action is null)"
    " and (measure, action) not in (('take_back', 'correction'), ('warning', 'removal'))",
    "depth": "depth in ('user', 'retail', 'wholesale')",
}


def upgrade() -> None:
    """Apply."""
    for name in HANDLING:
        op.add_column("recall", sa.Column(name, sa.Text(), nullable=True))
    for name, rule in HANDLING.items():
        op.create_check_constraint(op.f(f"ck_recall_{name}"), "recall", rule)
    op.create_table(
        "recall_market",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("recall_id", sa.BigInteger(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("classified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("market in ('CN', 'US', 'EU')", name=op.f("ck_recall_market_market")),
        sa.CheckConstraint(
            "(market, kind) in (('CN', 'class'), ('US', 'proposal'), ('US', 'agency'), ('EU', 'fsca'))",
            name=op.f("ck_recall_market_kind"),
        ),
        sa.CheckConstraint(
            "case when market = 'EU' then level is null else coalesce(level in ('I', 'II', 'III'), false) end",
            name=op.f("ck_recall_market_level"),
        ),
        sa.CheckConstraint(
            "(kind = 'agency') = (authority is not null) and (kind = 'agency') = (reference is not null)",
            name=op.f("ck_recall_market_agency"),
        ),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_market_recall_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_recall_market_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_market")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recall_market_public_id")),
    )
    op.create_index(op.f("ix_recall_market_recall_id"), "recall_market", ["recall_id"], unique=False)
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    for name in AUDITED_0048:
        audit(name)
        op.execute(f"grant select, insert on {name} to batchwright_app")
    for name in APPEND_ONLY_0048:
        forbid_change(name)
