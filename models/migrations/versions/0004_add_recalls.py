"""Add recalls: their tables, and runs, tasks and signatures whose subject is a recall instead of a lot."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0004, AUDITED_0004

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "recall",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("recall_no", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), server_default="manual", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("recall_class", sa.Text(), nullable=True),
        sa.Column("hazard", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("opened_by_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_report", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("score", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "cause in ('manual', 'complaint', 'inspection', 'supplier', 'schedule')", name=op.f("ck_recall_cause")
        ),
        sa.CheckConstraint("mode in ('recall', 'drill')", name=op.f("ck_recall_mode")),
        sa.CheckConstraint("recall_class in ('I', 'II', 'III')", name=op.f("ck_recall_recall_class")),
        sa.CheckConstraint("status in ('open', 'closed', 'withdrawn')", name=op.f("ck_recall_status")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_recall_opened_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recall_public_id")),
        sa.UniqueConstraint("recall_no", name=op.f("uq_recall_recall_no")),
    )
    op.create_index(op.f("ix_recall_status"), "recall", ["status"], unique=False)
    op.create_table(
        "recall_deadline",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recall_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_key", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stop", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("calendar_version", sa.Integer(), nullable=True),
        sa.Column("provisional", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_deadline_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_deadline")),
        sa.UniqueConstraint(
            "recall_id", "rule_key", "event_at", name=op.f("uq_recall_deadline_recall_id_rule_key_event_at")
        ),
    )
    op.create_table(
        "recall_notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("recall_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("scope_version", sa.Integer(), nullable=False),
        sa.Column("link_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "lines", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("shipped", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("received", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("on_hand", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("used", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("will_return", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint("status in ('open', 'sent', 'acknowledged')", name=op.f("ck_recall_notice_status")),
        sa.CheckConstraint(
            "received is null or (received >= 0 and on_hand >= 0 and used >= 0 and will_return >= 0)",
            name=op.f("ck_recall_notice_quantities"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_recall_notice_customer_id")),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_notice_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_notice")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recall_notice_public_id")),
        sa.UniqueConstraint(
            "recall_id",
            "customer_id",
            "scope_version",
            name=op.f("uq_recall_notice_recall_id_customer_id_scope_version"),
        ),
    )
    op.create_index(op.f("ix_recall_notice_customer_id"), "recall_notice", ["customer_id"], unique=False)
    op.create_table(
        "recall_scope",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recall_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "identifiers",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lots", sa.Integer(), server_default="0", nullable=False),
        sa.Column("customers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("complete", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("balanced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_scope_recall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_scope")),
        sa.UniqueConstraint("recall_id", "version", name=op.f("uq_recall_scope_recall_id_version")),
    )
    op.create_table(
        "recall_lot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("in_house", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("shipped", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("outstanding", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_recall_lot_lot_id")),
        sa.ForeignKeyConstraint(["scope_id"], ["recall_scope.id"], name=op.f("fk_recall_lot_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_lot")),
        sa.UniqueConstraint("scope_id", "lot_id", name=op.f("uq_recall_lot_scope_id_lot_id")),
    )
    op.create_index("ix_recall_lot_lot_id", "recall_lot", ["lot_id"], unique=False)
    op.add_column("hold", sa.Column("recall_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "uq_hold_recall",
        "hold",
        ["recall_id", "lot_id"],
        unique=True,
        postgresql_where="recall_id is not null and lifted_at is null",
    )
    op.create_foreign_key(op.f("fk_hold_recall_id"), "hold", "recall", ["recall_id"], ["id"])
    op.add_column("human_task", sa.Column("recall_id", sa.BigInteger(), nullable=True))
    op.alter_column("human_task", "lot_id", existing_type=sa.BIGINT(), nullable=True)
    op.create_index(op.f("ix_human_task_recall_id"), "human_task", ["recall_id"], unique=False)
    op.create_foreign_key(op.f("fk_human_task_recall_id"), "human_task", "recall", ["recall_id"], ["id"])
    op.add_column("process_run", sa.Column("recall_id", sa.BigInteger(), nullable=True))
    op.alter_column("process_run", "lot_id", existing_type=sa.BIGINT(), nullable=True)
    op.create_index(op.f("ix_process_run_recall_id"), "process_run", ["recall_id"], unique=False)
    op.create_foreign_key(op.f("fk_process_run_recall_id"), "process_run", "recall", ["recall_id"], ["id"])
    op.alter_column("signature", "lot_id", existing_type=sa.BIGINT(), nullable=True)
    for table in ("process_run", "human_task"):
        op.create_check_constraint(op.f(f"ck_{table}_subject"), table, "(lot_id is null) <> (recall_id is null)")
    op.drop_constraint(op.f("ck_signature_subject"), "signature", type_="check")
    op.create_check_constraint(
        op.f("ck_signature_subject"),
        "signature",
        "subject in ('inspection', 'release', 'task', 'disposition', 'recall')",
    )
    op.get_bind().exec_driver_sql((SQL / "recall.sql").read_text(encoding="utf-8").replace("%", "%%"))
    for name in AUDITED_0004:
        audit(name)
    for name in APPEND_ONLY_0004:
        forbid_change(name)
    for name in (*AUDITED_0004, *APPEND_ONLY_0004):
        rights = "select, insert" if name in APPEND_ONLY_0004 else "select, insert, update"
        op.execute(f"grant {rights} on {name} to batchwright_app")
