"""Acts that ended in a fault, and facts that can't be handed on, are kept for an operator.

What waits in the outbox is due at once, as before.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.migrations.guards import audit
from models.migrations.rights import AUDITED_0015

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "act_fault",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("activity_key", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("workflow_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "command", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("build", sa.Text(), server_default="", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="1", nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "status in ('open', 'retrying', 'done', 'refused', 'dismissed')", name=op.f("ck_act_fault_status")
        ),
        sa.CheckConstraint(
            "(status in ('open', 'retrying')) = (settled_at is null)", name=op.f("ck_act_fault_settled")
        ),
        sa.CheckConstraint("status <> 'dismissed' or length(trim(reason)) > 0", name=op.f("ck_act_fault_reason")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_act_fault_person_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name=op.f("fk_act_fault_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_fault")),
        sa.UniqueConstraint("activity_key", name=op.f("uq_act_fault_activity_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_act_fault_public_id")),
    )
    op.create_index("ix_act_fault_open", "act_fault", ["id"], postgresql_where=sa.text("settled_at is null"))
    op.create_index(op.f("ix_act_fault_person_id"), "act_fault", ["person_id"])
    op.create_index(op.f("ix_act_fault_settled_by_id"), "act_fault", ["settled_by_id"])
    for name in AUDITED_0015:
        audit(name)
        op.execute(f"grant select, insert, update on {name} to batchwright_app")
    op.add_column(
        "outbox", sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.add_column("outbox", sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("dismissed_by_id", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("dismiss_reason", sa.Text(), nullable=True))
    op.create_foreign_key(op.f("fk_outbox_dismissed_by_id"), "outbox", "person", ["dismissed_by_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_outbox_dismissed"), "outbox", "dismissed_at is null or length(trim(dismiss_reason)) > 0"
    )
    op.create_index("ix_outbox_given_up", "outbox", ["id"], postgresql_where=sa.text("given_up_at is not null"))
