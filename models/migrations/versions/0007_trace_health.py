"""Keep the history of the trace health check; name the load that batches shared; find who lay in a room and when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.migrations.guards import forbid_change
from models.migrations.rights import APPEND_ONLY_0007, DELETABLE_0007, UNAUDITED_0007

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _count(name: str, default: str = "0") -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=default, nullable=False)


def _document(name: str) -> sa.Column[object]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, server_default=sa.text("'{}'::jsonb"), nullable=False)


def upgrade() -> None:
    """Apply."""
    op.add_column("operation_run", sa.Column("load_no", sa.Text(), nullable=True))
    op.create_index(
        "ix_operation_run_load_no", "operation_run", ["load_no"], postgresql_where=sa.text("load_no is not null")
    )
    for side in ("to", "from"):
        op.create_index(
            f"ix_stock_movement_{side}_location_id",
            "stock_movement",
            [f"{side}_location_id"],
            postgresql_where=sa.text(f"{side}_location_id is not null"),
        )
    _health()
    _work()
    for name in APPEND_ONLY_0007:
        forbid_change(name)
    for name in UNAUDITED_0007:
        rights = "select, insert" if name in APPEND_ONLY_0007 else "select, insert, update"
        op.execute(f"grant {rights} on {name} to batchwright_app")
    for name in DELETABLE_0007:
        op.execute(f"grant delete on {name} to batchwright_app")


def _health() -> None:
    op.create_table(
        "trace_health_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("cause", sa.Text(), server_default="schedule", nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        *(_count(name) for name in ("lots", "edges", "findings", "appeared", "cleared")),
        _count("score", "100"),
        sa.CheckConstraint("cause in ('schedule', 'manual')", name=op.f("ck_trace_health_run_cause")),
        sa.CheckConstraint("score between 0 and 100", name=op.f("ck_trace_health_run_score")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_trace_health_run_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trace_health_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_trace_health_run_public_id")),
    )
    op.create_index(op.f("ix_trace_health_run_asked_by_id"), "trace_health_run", ["asked_by_id"], unique=False)
    op.create_table(
        "trace_health_score",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        *(_count(name) for name in ("lots", "gap", "balance", "doubt")),
        _count("score", "100"),
        _document("codes"),
        sa.CheckConstraint("score between 0 and 100", name=op.f("ck_trace_health_score_score")),
        sa.ForeignKeyConstraint(["run_id"], ["trace_health_run.id"], name=op.f("fk_trace_health_score_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trace_health_score")),
        sa.UniqueConstraint("run_id", "family", name=op.f("uq_trace_health_score_run_id_family")),
    )
    op.create_table(
        "trace_finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        _document("facts"),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("found_run_id", sa.BigInteger(), nullable=False),
        sa.Column("cleared_run_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_trace_finding_lot_id")),
        sa.ForeignKeyConstraint(["found_run_id"], ["trace_health_run.id"], name=op.f("fk_trace_finding_found_run_id")),
        sa.ForeignKeyConstraint(
            ["cleared_run_id"], ["trace_health_run.id"], name=op.f("fk_trace_finding_cleared_run_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trace_finding")),
    )
    op.create_index(op.f("ix_trace_finding_lot_id"), "trace_finding", ["lot_id"], unique=False)
    still = sa.text("cleared_run_id is null")
    op.create_index(
        "uq_trace_finding_open",
        "trace_finding",
        ["lot_id", "code", "fingerprint"],
        unique=True,
        postgresql_where=still,
    )
    op.create_index("ix_trace_finding_open_code", "trace_finding", ["code", "id"], postgresql_where=still)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _work() -> None:
    op.create_table(
        "trace_health_lot",
        sa.Column("lot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *(_text(name) for name in ("lot_no", "kind", "origin", "uom")),
        sa.Column("manufactured_on", sa.Date(), nullable=True),
        _text("supplier_lot_no", nullable=True),
        _text("supplier", nullable=True),
        _text("family"),
        sa.Column("has_parents", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in ("made_at", "used_at", "left_at")),
        sa.Column("linked", sa.Numeric(precision=20, scale=6), nullable=False),
        _count("unclear"),
        *(
            sa.Column(name, sa.Numeric(precision=20, scale=6), nullable=False)
            for name in (
                "received",
                "consumed",
                "adjusted",
                "lost",
                "reshaped_in",
                "reshaped_out",
                "shipped",
                "returned",
                "stock",
                "came",
                "difference",
            )
        ),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_trace_health_lot")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "trace_health_found",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        *(_text(name) for name in ("family", "code")),
        _document("facts"),
        _text("fingerprint"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trace_health_found")),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_trace_health_found_lot_id", "trace_health_found", ["lot_id", "code"], unique=False)
