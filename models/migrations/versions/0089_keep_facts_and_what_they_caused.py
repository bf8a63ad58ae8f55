"""What became true about a subject, and what each trigger that names it made of it; neither ever changes."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0089, AUDITED_0089

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "facts.sql"


def upgrade() -> None:
    """Apply."""
    _fact()
    _cause()
    for table in AUDITED_0089:
        audit(table)
        op.execute(f"grant select, insert on {table} to batchwright_app")
    for table in APPEND_ONLY_0089:
        forbid_change(table)
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))


def _fact() -> None:
    _table(
        "fact",
        _text("name"),
        _key("subject_id"),
        sa.Column("values", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _text("once", none=True),
        _key("person_id", none=True),
        _key("run_id", none=True),
        _at("happened_at"),
        _at("recorded_at", now=True),
        sa.CheckConstraint(r"name ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$'", name=op.f("ck_fact_name")),
        sa.CheckConstraint("jsonb_typeof(values) = 'object'", name=op.f("ck_fact_values")),
        _names("fact", "subject_id", "subject"),
        _names("fact", "person_id", "person"),
        _names("fact", "run_id", "process_run"),
    )
    op.create_index("ix_fact_subject_id", "fact", ["subject_id", "id"])
    op.create_index(op.f("ix_fact_run_id"), "fact", ["run_id"])
    op.create_index(
        "uq_fact_once",
        "fact",
        ["subject_id", "name", "once"],
        unique=True,
        postgresql_where=sa.text("once is not null"),
    )


def _cause() -> None:
    caused = "(run_id is not null) = (code in ('begun', 'joined', 'moved'))"
    _table(
        "cause",
        _key("fact_id"),
        _key("definition_id"),
        sa.Column("trigger", sa.Integer(), nullable=True),
        _text("stage", none=True),
        _key("run_id", none=True),
        _key("owner_id", none=True),
        _text("code"),
        _text("because_zh"),
        _text("because_en"),
        _at("at", now=True),
        sa.CheckConstraint("num_nonnulls(trigger, stage) = 1", name=op.f("ck_cause_by")),
        sa.CheckConstraint(caused, name=op.f("ck_cause_run")),
        sa.CheckConstraint("(stage is not null) = (code = 'moved')", name=op.f("ck_cause_stage")),
        sa.CheckConstraint("because_zh <> '' and because_en <> ''", name=op.f("ck_cause_because")),
        sa.UniqueConstraint("fact_id", "definition_id", "trigger", name=op.f("uq_cause_fact_id_definition_id_trigger")),
        sa.UniqueConstraint("fact_id", "run_id", "stage", name=op.f("uq_cause_fact_id_run_id_stage")),
        _names("cause", "fact_id", "fact"),
        _names("cause", "definition_id", "definition_version"),
        _names("cause", "run_id", "process_run"),
        _names("cause", "owner_id", "person"),
    )
    op.create_index(op.f("ix_cause_run_id"), "cause", ["run_id"])


def _table(name: str, *parts: sa.Column[object] | sa.Constraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{name}_public_id")),
    )


def _names(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _key(name: str, *, none: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=none)


def _text(name: str, *, none: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=none)


def _at(name: str, *, now: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=False)
