"""Keep who held which role when, and let nobody act in a role or a name that isn't theirs (21 CFR 11.10(g), 11.100)."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
ACTOR = (
    "select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),"
    " set_config('bw.source', 'migration', true)"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "service_actor",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_actor")),
        sa.UniqueConstraint("actor_id", name=op.f("uq_service_actor_actor_id")),
    )
    op.execute("grant select on service_actor to batchwright_app")
    op.execute(ACTOR)
    op.add_column(
        "role_grant",
        sa.Column("granted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.add_column("role_grant", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("uq_role_grant_person_id_role", "role_grant", type_="unique")
    op.create_index(
        "uq_role_grant_held",
        "role_grant",
        ["person_id", "role"],
        unique=True,
        postgresql_where=sa.text("revoked_at is null"),
    )
    op.get_bind().exec_driver_sql((SQL / "roles_held.sql").read_text(encoding="utf-8").replace("%", "%%"))
    op.execute("revoke delete on role_grant from batchwright_app")
