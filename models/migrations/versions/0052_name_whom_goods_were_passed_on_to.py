"""Receivers of what a consignee passed on: notices under the notice that names them; what was answered before stays."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "recall_receivers.sql"
RULES = {
    "passed_on": "passed_on is null or (passed_on >= 0 and received is not null)",
    "receiver": "(parent_id is null) = (receiver is null)"
    " and (parent_id is not null or num_nonnulls(contact, email, phone) = 0)"
    " and (parent_id is null or shipped > 0) and identity_key(receiver) <> ''",
}


def upgrade() -> None:
    """Apply."""
    op.add_column("recall_notice", sa.Column("parent_id", sa.BigInteger(), nullable=True))
    for name in ("receiver", "contact", "email", "phone"):
        op.add_column("recall_notice", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("recall_notice", sa.Column("passed_on", sa.Numeric(20, 6), nullable=True))
    for name, rule in RULES.items():
        op.create_check_constraint(op.f(f"ck_recall_notice_{name}"), "recall_notice", rule)
    op.create_foreign_key(op.f("fk_recall_notice_parent_id"), "recall_notice", "recall_notice", ["parent_id"], ["id"])
    op.create_index(op.f("ix_recall_notice_parent_id"), "recall_notice", ["parent_id"])
    op.create_index(op.f("ix_recall_notice_recall_id"), "recall_notice", ["recall_id"])
    unique = op.f("uq_recall_notice_recall_id_customer_id_scope_version")
    op.drop_constraint(unique, "recall_notice", type_="unique")
    op.create_index(
        unique,
        "recall_notice",
        ["recall_id", "customer_id", "scope_version"],
        unique=True,
        postgresql_where=sa.text("parent_id is null"),
    )
    op.add_column("recall_sample", sa.Column("wave", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_recall_sample_wave"), "recall_sample", "wave >= 0")
    op.drop_constraint(op.f("uq_recall_sample_recall_id_scope_version"), "recall_sample", type_="unique")
    op.create_unique_constraint(
        op.f("uq_recall_sample_recall_id_scope_version_wave"), "recall_sample", ["recall_id", "scope_version", "wave"]
    )
    op.alter_column("recall_sample", "drawn_by_id", existing_type=sa.BigInteger(), nullable=True)
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
