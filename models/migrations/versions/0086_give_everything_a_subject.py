"""Whatever a process can be about is one subject, with a site, a legal entity and an owner; runs, tasks and signatures name it."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0086, AUDITED_0086

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "subject.sql"


@dataclass(frozen=True)
class Noun:
    """Where the rows of a table have what their subject is called; `{}` is the row, `row` its key among those of one subject."""

    table: str
    kind: str
    number: str
    title: str = "{}.name"
    title_en: str = "{}.name_en"
    site: str = "null::bigint"
    family: str = "null::text"
    supplier: str = "null::bigint"
    titled_by: str = "null::bigint"
    opened: str = "now()"
    joined: str = ""
    named: str = "name, name_en"


NOUNS = (
    Noun("site", "site", "{}.code", site="{}.id", named="code, name, name_en"),
    Noun("person", "person", "coalesce({}.employee_no, {}.id::text)", site="{}.site_id", named="employee_no, name, name_en, site_id"),
    Noun(
        "definition_version", "definition", "{}.key", "{}.body::jsonb #>> '{{title,zh}}'", "{}.body::jsonb #>> '{{title,en}}'",
        opened="{}.created_at", named="",
    ),
    Noun("supplier", "supplier", "{}.supplier_no", supplier="{}.id", named="supplier_no, name, name_en"),
    Noun("customer", "customer", "{}.customer_no", named="customer_no, name, name_en"),
    Noun("location", "place", "{}.code", site="{}.site_id", named="code, name, name_en, site_id"),
    Noun(
        "equipment", "equipment", "{}.equipment_no", site="(select p.site_id from location p where p.id = {}.location_id)",
        named="equipment_no, name, name_en, location_id",
    ),
    Noun("item", "item", "{}.item_no", family="{}.category", named="item_no, name, name_en"),
    # a batch is called by its item, whose name may change for a hundred thousand of them
    Noun(
        "lot", "lot", "{}.lot_no", "null::text", "null::text", family="i.category", supplier="{}.supplier_id",
        titled_by="i.subject_id", opened="{}.created_at", joined="join item i on i.id = {}.item_id", named="lot_no",
    ),
    Noun("recall", "recall", "{}.recall_no", "{}.title", "null::text", opened="{}.opened_at", named="recall_no, title"),
    Noun(
        "nonconformance", "nonconformance", "{}.nonconformance_no", "{}.title", "{}.title_en", family="i.category",
        supplier="l.supplier_id", opened="{}.opened_at",
        joined="join lot l on l.id = {}.lot_id join item i on i.id = l.item_id", named="nonconformance_no, title, title_en",
    ),
)  # fmt: skip
SUBJECTS = """
  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select {key} as id, {number} as number, {title} as title, {title_en} as title_en, {titled_by} as titled_by_id,
           coalesce({site}, (select min(s.id) from site s)) as site_id, {opened} as opened_at,
           {family} as family, {supplier} as supplier_id
      from {rows} {joined}),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('{kind}', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, '{kind}', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text]
"""
MADE = """
create function subject_of_{table}() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;
{insert};
  return null;
end $$;
create trigger subject_made after insert on {table} referencing new table as new_rows
  for each statement execute function subject_of_{table}();
create trigger subject_fixed before update of subject_id on {table} for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
"""
CALLED = """
create function subject_called_{table}() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update subject s set number = {number}, title = {title}, title_en = {title_en}, site_id = coalesce({site}, s.site_id)
   where s.id = new.subject_id;
  return null;
end $$;
create trigger subject_called after update of {named} on {table} for each row execute function subject_called_{table}();
"""
ONE_OF_KEY = """
{rows} n where n.id in (select max(v.id) from {rows} v group by v.subject_id) and not exists (select from subject k where k.id = n.subject_id)
"""
BACKFILL = (
    (
        "update process_run r set subject_id = coalesce((select l.subject_id from lot l where l.id = r.lot_id),"
        " (select c.subject_id from recall c where c.id = r.recall_id))"
    ),
    "update human_task t set subject_id = (select r.subject_id from process_run r where r.id = t.run_id)",
    (
        "update signature g set subject_id = coalesce((select r.subject_id from process_run r where r.id = g.run_id),"
        " (select l.subject_id from lot l where l.id = g.lot_id))"
    ),
    "update outbox o set subject_id = (select l.subject_id from lot l where l.id = o.lot_id) where o.lot_id is not null",
)
NAMING = {
    "process_run": ("subject_of_run", ""),
    "human_task": ("subject_of_task", ""),
    "signature": ("subject_of_signature", ""),
    "outbox": ("subject_of_news", "when (new.subject_id is null and new.lot_id is not null)"),
}


def upgrade() -> None:
    """Apply."""
    run = op.get_bind().exec_driver_sql
    _tables()
    run(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    run(
        "insert into legal_entity (kind, name, name_en, site_id) select 'maker', name, name_en, id from site order by id"
    )
    run("alter table subject disable trigger user")  # what there is has its row already
    for noun in NOUNS:
        _give(noun)
    run(
        "update subject s set owner_id = coalesce(subject_owner(s.kind, null, null, s.site_id, null),"
        " (select min(p.id) from person p where p.active and p.kind = 'human')) where s.owner_id is null"
    )
    run("alter table subject enable trigger user")
    for statement, (table, (name, when)) in zip(BACKFILL, NAMING.items(), strict=True):
        _name(table, statement, name, when)
    op.execute("alter table process_run drop constraint ck_process_run_subject")
    op.execute("alter table human_task drop constraint ck_human_task_subject")
    for table in ("process_run", "human_task"):
        op.execute(f"alter table {table} alter subject_id set not null")
        op.execute(f"alter table {table} add constraint ck_{table}_subject check (lot_id is null or recall_id is null)")
    for table in AUDITED_0086:
        audit(table)
        op.execute(
            f"grant select, insert{', update' if table not in APPEND_ONLY_0086 else ''} on {table} to batchwright_app"
        )
    for table in APPEND_ONLY_0086:
        forbid_change(table)


def _tables() -> None:
    entity = (
        sa.CheckConstraint("kind in ('registrant', 'maker', 'contract_maker')", name=op.f("ck_legal_entity_kind")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_legal_entity_site_id")),
        sa.UniqueConstraint("site_id", name=op.f("uq_legal_entity_site_id")),
    )
    _table(
        "legal_entity",
        *(_text(one) for one in ("kind", "name")),
        _text("name_en", none=True),
        _key("site_id", none=True),
        *entity,
    )
    _table(
        "subject",
        _text("kind"), _text("number"), _text("title", none=True), _text("title_en", none=True), _key("titled_by_id", none=True),
        _key("site_id", none=True), _key("entity_id", none=True), _key("owner_id", none=True), _now("opened_at"),
        sa.CheckConstraint("kind ~ '^[a-z][a-z_]*$'", name=op.f("ck_subject_kind")),
        sa.CheckConstraint("(title is null) = (titled_by_id is not null)", name=op.f("ck_subject_title")),
        *(sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_subject_{column}"))
          for column, table in (("titled_by_id", "subject"), ("site_id", "site"), ("entity_id", "legal_entity"), ("owner_id", "person"))),
    )  # fmt: skip
    op.execute("alter table subject alter constraint fk_subject_titled_by_id not enforced")
    op.create_index(
        "ix_subject_unowned", "subject", ["id"], postgresql_where=sa.text("owner_id is null or site_id is null")
    )
    op.create_index("ix_subject_number", "subject", ["kind", "number"], postgresql_where=sa.text("kind <> 'lot'"))
    op.execute("create index ix_subject_identity on subject (identity_key(number)) where kind <> 'lot'")
    _table(
        "owner_rule",
        _text("subject_kind"), _text("item_family", none=True), _key("supplier_id", none=True), _key("site_id", none=True),
        _text("shift", none=True), _text("role"), _key("person_id", none=True), _now("made_at"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.ForeignKeyConstraint([column], [f"{column.removesuffix('_id')}.id"], name=op.f(f"fk_owner_rule_{column}"))
          for column in ("supplier_id", "site_id", "person_id")),
    )  # fmt: skip
    _table(
        "run_link",
        _key("run_id"), _key("subject_id"), _text("role"), _now("at"),
        sa.ForeignKeyConstraint(["run_id"], ["process_run.id"], name=op.f("fk_run_link_run_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_run_link_subject_id")),
        sa.UniqueConstraint("run_id", "subject_id", "role", name=op.f("uq_run_link_run_id_subject_id_role")),
    )  # fmt: skip
    op.create_index(op.f("ix_run_link_subject_id"), "run_link", ["subject_id"])


def _table(name: str, *parts: sa.Column[object] | sa.Constraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{name}_public_id")),
    )


def _give(noun: Noun) -> None:
    """Number the subjects of what there is, write them down, and let new rows do it by themselves."""
    run, table = op.get_bind().exec_driver_sql, noun.table
    several = table == "definition_version"
    # a volatile default numbers the rows that there are
    run(f"alter table {table} add column subject_id bigint default next_subject() not null")
    if several:
        run("alter table definition_version disable trigger user")
        run(
            "update definition_version d set subject_id ="
            " (select f.subject_id from definition_version f where f.key = d.key order by f.id limit 1)"
        )
        run("alter table definition_version enable trigger user")
        op.create_index(op.f("ix_definition_version_subject_id"), table, ["subject_id"])
    else:
        op.create_unique_constraint(op.f(f"uq_{table}_subject_id"), table, ["subject_id"])
    run(
        f"alter table {table} add constraint fk_{table}_subject_id foreign key (subject_id) references subject (id) not enforced"
    )
    run(_subjects(noun, _rows(table, table)).replace("%", "%%"))
    run(MADE.format(table=table, insert=_subjects(noun, _rows(table, "new_rows"))).replace("%", "%%"))
    if noun.named:
        said = {key: getattr(noun, key).replace("{}", "new") for key in ("number", "title", "title_en", "site")}
        run(CALLED.format(table=table, named=noun.named, **said))


def _rows(table: str, source: str) -> str:
    """One row for each subject."""
    return ONE_OF_KEY.format(rows=source).strip() if table == "definition_version" else f"{source} n"


def _subjects(noun: Noun, rows: str) -> str:
    parts = ("number", "title", "title_en", "titled_by", "site", "opened", "family", "supplier", "joined")
    said = {key: getattr(noun, key).replace("{}", "n").replace("{{", "{").replace("}}", "}") for key in parts}
    return SUBJECTS.format(key="n.subject_id", kind=noun.kind, rows=rows, **said).rstrip()


def _name(table: str, statement: str, function: str, when: str) -> None:
    """Say of what there is which subject it is about, past its walls, and let new rows say it by themselves."""
    run = op.get_bind().exec_driver_sql
    op.add_column(table, sa.Column("subject_id", sa.BigInteger(), nullable=True))
    run(f"alter table {table} disable trigger user")
    run(statement)
    run(f"alter table {table} enable trigger user")
    op.create_foreign_key(op.f(f"fk_{table}_subject_id"), table, "subject", ["subject_id"], ["id"])
    if table == "outbox":  # a hold of 90,000 batches tells of each that somebody follows
        run("alter table outbox alter constraint fk_outbox_subject_id not enforced")
    else:
        op.create_index(op.f(f"ix_{table}_subject_id"), table, ["subject_id"])
    run(f"create trigger {function} before insert on {table} for each row {when} execute function {function}()")
    if table != "signature":  # which never changes
        run(
            f"create trigger subject_fixed before update of subject_id on {table} for each row"
            " when (old.subject_id is distinct from new.subject_id) execute function subject_fixed()"
        )


def _key(name: str, *, none: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=none)


def _text(name: str, *, none: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=none)


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
