"""Roles are data: what a plant calls them and what each permits; who holds one names it by a foreign key."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from models.migrations.guards import audit
from models.migrations.rights import AUDITED_0090

revision = "0090"
down_revision = "0091"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "roles.sql"
WITHIN = (
    "case duty when 'business' then not permissions && array['people.write', 'fault.settle']"
    " when 'audit' then permissions <@ array['record.read', 'audit.read']"
    " else permissions <@ array['people.write', 'people.hand_over', 'fault.settle', 'record.read', 'audit.read'] end"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "role",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("permissions", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("duty", sa.Text(), server_default="business", nullable=False),
        sa.Column("quality", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("shipped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("duty in ('business', 'administration', 'audit')", name=op.f("ck_role_duty")),
        sa.CheckConstraint("btrim(zh) <> '' and btrim(en) <> ''", name=op.f("ck_role_names")),
        sa.CheckConstraint(f"({WITHIN})", name=op.f("ck_role_apart")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("key", name=op.f("uq_role_key")),
    )
    for table in AUDITED_0090:
        audit(table)
        op.execute(f"grant select, insert, update on {table} to batchwright_app")
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
