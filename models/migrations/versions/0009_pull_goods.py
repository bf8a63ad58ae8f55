"""Tasks to pull what could not be held, how each notice went out, and the notice that a recall began with."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.migrations.guards import audit
from models.migrations.rights import AUDITED_0009

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "recall_pull",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("recall_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("scope_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("uom", sa.Text(), server_default="pcs", nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column(
            "lines", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("found", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("put_to", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind in ('shipment', 'work_order', 'location')", name=op.f("ck_recall_pull_kind")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_recall_pull_quantity")),
        sa.CheckConstraint("found is null or found >= 0", name=op.f("ck_recall_pull_found")),
        sa.CheckConstraint("(found is null) = (done_at is null)", name=op.f("ck_recall_pull_done")),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_recall_pull_done_by_id")),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_pull_recall_id")),
        sa.ForeignKeyConstraint(["run_id"], ["process_run.id"], name=op.f("fk_recall_pull_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_pull")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recall_pull_public_id")),
        sa.UniqueConstraint(
            "recall_id",
            "scope_version",
            "kind",
            "place",
            "uom",
            name=op.f("uq_recall_pull_recall_id_scope_version_kind_place_uom"),
        ),
    )
    op.create_index(op.f("ix_recall_pull_done_by_id"), "recall_pull", ["done_by_id"], unique=False)
    op.create_index(op.f("ix_recall_pull_run_id"), "recall_pull", ["run_id"], unique=False)
    op.create_table(
        "notice_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status in ('waiting', 'sending', 'sent', 'failed', 'to_print', 'printed', 'needless')",
            name=op.f("ck_notice_delivery_status"),
        ),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_notice_delivery_done_by_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["recall_notice.id"], name=op.f("fk_notice_delivery_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_delivery")),
        sa.UniqueConstraint("notice_id", "kind", name=op.f("uq_notice_delivery_notice_id_kind")),
        sa.UniqueConstraint("public_id", name=op.f("uq_notice_delivery_public_id")),
    )
    op.create_index(op.f("ix_notice_delivery_done_by_id"), "notice_delivery", ["done_by_id"], unique=False)
    op.add_column(
        "recall", sa.Column("notice", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.get_bind().exec_driver_sql((SQL / "pull.sql").read_text(encoding="utf-8").replace("%", "%%"))
    for name in AUDITED_0009:
        audit(name)
        op.execute(f"grant select, insert, update on {name} to batchwright_app")
