"""Who took a list out of the record, with the digest of the file; and the views of lists that people keep."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0091, AUDITED_0091, DELETABLE_0091

revision = "0091"
down_revision = "0089"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "lists_taken_out.sql"


def upgrade() -> None:
    """Apply."""
    _list_export()
    _saved_view()
    for name in AUDITED_0091:
        audit(name)
        op.execute(f"grant select, insert on {name} to batchwright_app")
    for name in APPEND_ONLY_0091:
        forbid_change(name)
    for name in DELETABLE_0091:
        op.execute(f"grant update, delete on {name} to batchwright_app")
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))


def _list_export() -> None:
    _table(
        "list_export",
        _text("query"),
        _text("language"),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _text("digest"),
        _at("at"),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("ck_list_export_digest")),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_list_export_rows")),
        sa.CheckConstraint("size > 0", name=op.f("ck_list_export_size")),
        sa.CheckConstraint("language in ('zh', 'en')", name=op.f("ck_list_export_language")),
    )
    op.create_index(op.f("ix_list_export_person_id"), "list_export", ["person_id"])
    op.create_index(op.f("ix_list_export_digest"), "list_export", ["digest"])


def _saved_view() -> None:
    named = "name = btrim(name) and length(name) between 1 and 60 and name !~ '[[:cntrl:]]'"
    _table(
        "saved_view",
        _text("name"),
        _text("query"),
        _flag("preset"),
        sa.Column("for_role", sa.Text(), nullable=True),
        _flag("for_everybody"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _at("created_at"),
        _at("changed_at"),
        sa.CheckConstraint(named, name=op.f("ck_saved_view_name")),
        sa.CheckConstraint("not (for_everybody and for_role is not null)", name=op.f("ck_saved_view_shared")),
        sa.CheckConstraint("version > 0", name=op.f("ck_saved_view_version")),
    )
    own = ["person_id", "list_key"]
    op.create_index("uq_saved_view_name", "saved_view", [*own, sa.text("lower(name)")], unique=True)
    op.create_index("uq_saved_view_preset", "saved_view", own, unique=True, postgresql_where=sa.text("preset"))
    shared = sa.text("for_everybody or for_role is not null")
    op.create_index("ix_saved_view_shared", "saved_view", ["list_key"], postgresql_where=shared)


def _table(name: str, *parts: sa.Column[object] | sa.Constraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        _text("list_key"),
        *parts,
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{name}_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{name}_public_id")),
    )


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
