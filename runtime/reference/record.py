"""Writes docs/reference/record.md: what each role of the database may do with each table, and which walls stand there.

Read from the catalogue of a database that the migrations have just built, so the page says what a plant's database does and
not what somebody meant (DESIGN 2.4, 10; 21 CFR 11.10(d), 11.10(e)).
"""

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlmodel import SQLModel

from models import metadata, migrations
from models.migrations import test_home
from runtime.home import Home
from runtime.postgres import APPLICATION, OWNER, SUPERUSER, Postgres

NAME = "reference"
RIGHTS = ("select", "insert", "update", "delete")
GRANTED = """
select t.relname, r from pg_class t, unnest(%(rights)s::text[]) r
 where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' and has_table_privilege(%(role)s, t.oid, r)
"""
TRIGGERS = """
select c.relname, t.tgname, p.proname, t.tgargs, p.prosrc from pg_trigger t
  join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
 where not t.tgisinternal and c.relnamespace = 'public'::regnamespace order by c.relname, t.tgname
"""
FUNCTIONS = """
select proname, prosrc from pg_proc where pronamespace in (
  select oid from pg_namespace where nspname = 'public' or nspname = 'test_clock') order by proname
"""
RAISED = re.compile(r"raise exception\s+'((?:[^']|'')*)'.*?errcode\s*=\s*'(BW\d{3})'", re.DOTALL)
CALLED = re.compile(r"\b([a-z_]+)\(")
OPEN = """

## What stands open 尚不能由数据库判断的

No row can prove these, so no wall asks for them; whoever has the password of the worker's role can still write them, in the audit trail and at
the time of the act: that a fact on its way reached the engine (BW299 asks for the time and for a counted try); how many points an ended recall has
and how many lots its hold reached (BW300 asks for the step, not for the sum); the facts that a process remembers beside its forms (BW294 asks
for steps, forms, outcomes and who completed them); what a customer said, where a person of the plant writes it down.

以下各项没有任何行可作依据，数据库无法判断；持有工作进程角色密码的人仍能写入，但须在操作当时写入并留在审计追踪中：待传事实是否真的到达流程引擎（BW299
只要求时间和计次）；已结束召回的评分和冻结报告中的数量（BW300 只要求相应步骤）；流程在表单之外记住的事实（BW294 核对步骤、表单、结论和完成人）；由本厂人员代为记录的
客户答复。
"""
"""What acts alone can judge."""
GENERAL = {"BW001", "BW002"}
"""Whose sense is the same for every table and told in words of its own."""


@dataclass
class Guarded:
    """What the catalogue says of one table."""

    rights: set[str] = field(default_factory=set)
    triggers: set[str] = field(default_factory=set)
    reasons: list[str] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)


@contextmanager
def running() -> Iterator[Postgres]:
    """A server with nothing in it, that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="batchwright-"))
    try:
        server = Postgres(Home(folder), fast=True)
        child = server.start()
        try:
            yield server
        finally:
            child.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def record(server: Postgres) -> str:
    """The page, from a database of its own on a running server."""
    with closing(server.connect()) as connection:
        server.create_database(connection, NAME)
    # a test home has every wall of a plant, and those of its clock
    owner = server.url(OWNER, NAME)
    test_home.mark(owner)
    migrations.upgrade(owner)
    test_home.finish(owner)
    with closing(server.connect(SUPERUSER, NAME)) as connection:
        tables, sources = _read(connection)
    return _words(tables, said(sources))


def said(sources: dict[str, str]) -> dict[str, str]:
    """Every code that a function raises, with all that is said by it, however many functions do."""
    found: dict[str, list[str]] = {}
    for name in sorted(sources):
        for text, code in RAISED.findall(sources[name]):
            found.setdefault(code, []).append(text.replace("''", "'"))
    return {code: "; ".join(dict.fromkeys(texts)) for code, texts in found.items()}


def _read(connection: psycopg.Connection) -> tuple[dict[str, Guarded], dict[str, str]]:
    """Each table, and the text of each function."""
    sources: dict[str, str] = dict(connection.execute(FUNCTIONS).fetchall())
    metadata.load()
    found = {name: Guarded() for name in SQLModel.metadata.tables}
    granted = connection.execute(GRANTED, {"rights": list(RIGHTS), "role": APPLICATION}).fetchall()
    for table, right in granted:
        if table in found:
            found[table].rights.add(right)
    for table, trigger, function, arguments, source in connection.execute(TRIGGERS).fetchall():
        if table not in found:
            continue
        one = found[table]
        one.triggers.add(trigger)
        one.codes |= _codes(function, source, sources)
        if trigger in {"reason_wall", "reason_wall_name"}:
            one.reasons += [name.decode() for name in bytes(arguments).split(b"\0") if name]
    return found, sources


def _codes(name: str, source: str, sources: dict[str, str]) -> set[str]:
    """The codes that a trigger may raise, by itself or by the functions that it calls."""
    texts, seen = [source], {name}
    codes: set[str] = set()
    while texts:
        text = texts.pop()
        codes |= {code for _, code in RAISED.findall(text)}
        for called in set(CALLED.findall(text)) - seen:
            if called in sources:
                seen.add(called)
                texts.append(sources[called])
    return codes - GENERAL


def _words(tables: dict[str, Guarded], codes: dict[str, str]) -> str:
    rows = [_row(name, tables[name]) for name in sorted(tables)]
    return (
        "# The record 数据库\n\n"
        "What the application's role (`batchwright_app`, with which API and worker work) may do with each table: ● it may."
        " Worker and API log in as"
        " members of it, `batchwright_worker` (stopped by BW200 at attempts, sessions and passwords, and by BW250 at what people keep: master data, roles, calibrations) and `batchwright_api`"
        " (stopped by BW201 at acts and signatures). Nobody works with the owner's role but migrations; its triggers hold for the owner and the superuser too. No role"
        " of ours may truncate a table, write a trigger or change a function. Old rows of `applied`, `idempotency_key`, `login_session`"
        " and `outbox` go by `forget_bookkeeping` only, which knows their ages (how-to/operate.md). *Trail*: every change is in the audit trail,"
        " and refused without an actor (BW001). *For ever*: a row never changes and never goes (BW002). *Reason*: columns"
        " that change only with a reason. *Walls*: what else the database refuses there, by the codes below.\n\n"
        "应用角色 `batchwright_app`（接口与工作进程所用）对每张表可做的操作：● 为可以。工作进程以 `batchwright_worker` 登录（BW200：不得写签名"
        "尝试、会话和密码；BW250：不得写由人员维护的主数据、角色和校准），接口以 `batchwright_api` 登录（BW201：不得写业务操作和签名）。所有者角色仅用于升级，触发器对所有者和"
        "超级用户同样有效。`applied`、`idempotency_key`、`login_session`、`outbox` 的旧行只由 `forget_bookkeeping` 按期限清理。“Trail”：每次改动写入审计追踪，没有操作人即拒绝 (BW001)；“For ever”：行永不改动、永不删除 (BW002)；"
        "“Reason”：须写明理由才能改的列；“Walls”：数据库另外拒绝的情形，代码见下表。\n\n"
        + _table(
            ("Table", "What it holds", "Read", "Add", "Change", "Delete", "Trail", "For ever", "Reason", "Walls"), rows
        )
        + "\n\n## Codes 代码\n\n"
        + _table(
            ("Code", "What the database says"), [(f"`{code}`", codes[code].replace("%", "…")) for code in sorted(codes)]
        )
        + OPEN
    )


def _row(name: str, one: Guarded) -> tuple[str, ...]:
    return (
        f"`{name}`",
        _about(name),
        *("●" if right in one.rights else "" for right in RIGHTS),
        "●" if "audit_insert" in one.triggers else "",
        "●" if "append_only" in one.triggers else "",
        ", ".join(f"`{column}`" for column in _given(one)),
        " ".join(f"`{code}`" for code in sorted(one.codes)),
    )


def _given(one: Guarded) -> list[str]:
    return (["a new row"] if "reason_wall_given" in one.triggers else []) + one.reasons


def _about(name: str) -> str:
    """The first sentence of the table's own description."""
    models = (one.class_ for one in SQLModel._sa_registry.mappers)  # noqa: SLF001 - the registry has no public name
    model = next(one for one in models if getattr(one, "__tablename__", "") == name)
    first = " ".join((model.__doc__ or "").strip().split("\n\n")[0].split())
    return re.split(r"(?<=\.) ", first)[0]


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
