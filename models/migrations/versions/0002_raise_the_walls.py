"""Raise the walls: audit triggers, append-only tables, the last-wall rules and the rights of the application role."""

from pathlib import Path

from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0002, AUDITED_0002, DELETABLE, READ_ONLY, UNAUDITED_0002

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for name in ("audit.sql", "walls.sql"):
        connection.exec_driver_sql((SQL / name).read_text(encoding="utf-8").replace("%", "%%"))
    for table in AUDITED_0002:
        audit(table)
    for table in APPEND_ONLY_0002:
        forbid_change(table)
    connection.exec_driver_sql(
        "do $$ begin if not exists (select from pg_roles where rolname = 'batchwright_app') then"
        " create role batchwright_app nologin; end if; end $$"
    )
    connection.exec_driver_sql("revoke create on schema public from public")
    connection.exec_driver_sql("grant usage on schema public to batchwright_app")
    grant(sorted(AUDITED_0002 + UNAUDITED_0002))
    connection.exec_driver_sql("grant select on alembic_version to batchwright_app")


def grant(tables: list[str]) -> None:
    """Give the application what it needs and no more."""
    for table in tables:
        rights = ["select"]
        if table not in READ_ONLY:
            rights.append("insert")
            if table not in APPEND_ONLY_0002:
                rights.append("update")
            if table in DELETABLE:
                rights.append("delete")
        op.execute(f"grant {', '.join(rights)} on {table} to batchwright_app")
