"""Writes models/<noun>/walls.sql: what the database holds by itself, noun by noun, as it is now (DESIGN 3; 21 CFR 11.10(e)).

Migrations say how a wall came to be, in as many pieces as it had changes.  These files say what stands: every function, trigger
and check of a database that the migrations have just built, as its catalogue tells it.  What people wrote above a function stays,
and so does the file that they moved it to.  A newcomer has the comment that its migration gives it.
"""

import re
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlmodel import SQLModel

from models import metadata, migrations
from models.nouns import NOUNS
from runtime.postgres import OWNER, SUPERUSER, Postgres

MODELS = Path(__file__).resolve().parents[2] / "models"
FILE = "walls.sql"
NAME = "walls"
SHARED = "kernel"
"""The room of what no single noun has."""
WIDTH = 140
FUNCTIONS = """
select p.oid::regprocedure::text, p.proname, pg_get_functiondef(p.oid), p.prorettype = 'trigger'::regtype,
       array(select t.typrelid::regclass::text from unnest(p.proargtypes) a join pg_type t on t.oid = a where t.typrelid <> 0)
  from pg_proc p where p.pronamespace = 'public'::regnamespace order by 1
"""
TRIGGERS = """
select t.tgrelid::regclass::text, t.tgname, p.proname, pg_get_triggerdef(t.oid, true)
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
 where not t.tgisinternal and t.tgenabled = 'O' and c.relnamespace = 'public'::regnamespace order by 1, 2
"""
CHECKS = """
select conrelid::regclass::text, conname, pg_get_constraintdef(oid, true) from pg_constraint
 where contype = 'c' and connamespace = 'public'::regnamespace order by 1, 2
"""
STATES = re.compile(r"errcode\s*=\s*'(BW\d{3})'")
FUNCTION = re.compile(r"create (?:or replace )?function (?:public\.)?(\w+)\(", re.IGNORECASE)
QUOTED = re.compile(r"""('(?:[^']|'')*'|"[^"]*")""")
REFUSES = "-- Refuses with "
HEAD = """\
-- The walls of {noun}: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md)."""


@dataclass(frozen=True)
class Function:
    """A function as the catalogue has it; `signature` tells it from others of its name."""

    signature: str
    name: str
    text: str
    trigger: bool
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Walls:
    """What a database holds by itself: its functions, and for each table its triggers (name, function, text) and checks."""

    functions: list[Function]
    triggers: dict[str, list[tuple[str, str, str]]]
    checks: dict[str, list[tuple[str, str]]]


@dataclass
class Kept:
    """What people decided about functions: which noun has each, and what is said above it."""

    noun: dict[str, str] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)


def catalogue(connection: psycopg.Connection[Any]) -> Walls:
    """What stands in a database."""
    functions = [
        Function(signature, name, text, trigger, tuple(rows))
        for signature, name, text, trigger, rows in connection.execute(FUNCTIONS).fetchall()
    ]
    triggers, checks = defaultdict(list), defaultdict(list)
    for table, name, function, text in connection.execute(TRIGGERS).fetchall():
        triggers[table].append((name, function, text))
    for table, name, text in connection.execute(CHECKS).fetchall():
        checks[table].append((name, text))
    return Walls(functions, dict(triggers), dict(checks))


def kept(folder: Path = MODELS) -> Kept:
    """What the files say that the catalogue can't."""
    found = Kept()
    for noun in NOUNS:
        file = folder / noun / FILE
        if not file.exists():
            continue
        above: list[str] = []
        for line in file.read_text(encoding="utf-8").splitlines():
            if match := FUNCTION.match(line):
                found.noun.setdefault(match[1], noun)
                found.said.setdefault(match[1], [one for one in above if not one.startswith(REFUSES)])
            above = [*above, line] if line.startswith("--") else []
    return found


def files(walls: Walls, decided: Kept) -> dict[str, str]:
    """The text of each noun's file."""
    tables = homes()
    stands = {one.name: _noun(one, walls, tables, decided) for one in walls.functions}
    standing = sorted({*walls.triggers, *walls.checks})
    written = {}
    for noun in NOUNS:
        own = [one for one in walls.functions if stands[one.name] == noun]
        there = [table for table in standing if tables.get(table, SHARED) == noun]
        if own or there:
            written[noun] = _file(noun, own, {table: _of(walls, table) for table in there}, decided)
    return written


def homes() -> dict[str, str]:
    """The noun of each table."""
    metadata.load()
    mappers = SQLModel._sa_registry.mappers  # noqa: SLF001 - the registry has no public name
    return {str(one.class_.__tablename__): str(one.class_.__module__).split(".")[1] for one in mappers}


def _of(walls: Walls, table: str) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    return walls.checks.get(table, []), walls.triggers.get(table, [])


def _noun(one: Function, walls: Walls, tables: dict[str, str], decided: Kept) -> str:
    """Where a function stands: where people put it; else with the table that it guards, takes or is named after."""
    if one.name in decided.noun:
        return decided.noun[one.name]
    guarded = {
        tables[table] for table, found in walls.triggers.items() for _, name, _ in found if name == one.name
    } or {tables[row] for row in one.rows if row in tables}
    if len(guarded) == 1:
        return guarded.pop()
    known = {**tables, **{noun: noun for noun in NOUNS}}
    words = one.name.split("_")
    named = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
    return next((known[name] for name in named if name in known), SHARED)


def _file(
    noun: str,
    own: list[Function],
    there: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str, str]]]],
    decided: Kept,
) -> str:
    """One noun's walls: what they ask, then table by table."""
    raised = {name for _, triggers in there.values() for _, name, _ in triggers}
    parts = [HEAD.format(noun=noun)]
    asked = [one for one in own if not (one.trigger and one.name in raised)]
    if asked:
        parts += [
            _head("what walls ask, and what stands at tables of other nouns"),
            *(_told(one, decided) for one in asked),
        ]
    mine = {one.name: one for one in own if one.trigger}
    for table, (checks, triggers) in there.items():
        parts.append(_head(table))
        if checks:
            lines = ",\n".join(f"  add constraint {name} {quiet(text)}" for name, text in checks)
            parts.append(f"alter table {table}\n{lines};")
        for name in dict.fromkeys(function for _, function, _ in triggers if function in mine):
            here = "\n".join(_trigger(text) for _, function, text in triggers if function == name)
            told = f"{_told(mine[name], decided)}\n" if name in raised else ""
            parts.append(told + here)
            raised.discard(name)
        others = [_trigger(text) for _, function, text in triggers if function not in mine]
        if others:
            parts.append("\n".join(["-- Walls that tables share.", *others]))
    return "\n\n".join(parts) + "\n"


def _head(title: str) -> str:
    return f"-- {title} ".ljust(WIDTH // 2, "-")


def _told(one: Function, decided: Kept) -> str:
    codes = sorted(set(STATES.findall(one.text)))
    above = decided.said.get(one.name) or told_by_migrations().get(one.name, [])
    head, mark, body = one.text.rstrip().partition("AS $function$")
    head = " ".join(quiet(head).replace("function public.", "function ").split())
    refuses = [REFUSES + ", ".join(codes)] if codes else []
    return "\n".join([*above, *refuses, f"{_folded(head, ' returns ', ' set ')} {mark.replace('AS', 'as')}{body};"])


def _trigger(text: str) -> str:
    return f"{_folded(quiet(text), ' when (', ' execute function ')};"


def _folded(line: str, *words: str) -> str:
    """A line too long to read goes on below before these words."""
    for word in words:
        if len(line.rpartition("\n")[2]) > WIDTH - 10:
            line = line.replace(word, f"\n {word}", 1)
    return line


def quiet(text: str) -> str:
    """Words of SQL in small letters; what stands in quotes stays as it is."""
    return "".join(part if place % 2 else part.lower() for place, part in enumerate(QUOTED.split(text)))


@cache
def told_by_migrations() -> dict[str, list[str]]:
    """What the newest migration that says anything about a function says: above it, or else above all of them."""
    folder = Path(migrations.__file__).parent
    order = [
        name
        for version in sorted((folder / "versions").glob("*.py"))
        for name in re.findall(r'"(\w+)(?:\.sql)?"', version.read_text(encoding="utf-8"))
    ]
    above: dict[str, list[str]] = {}
    whole: dict[str, list[str]] = {}
    for file in sorted(
        (folder / "sql").glob("*.sql"), key=lambda one: order.index(one.stem) if one.stem in order else -1
    ):
        lines = file.read_text(encoding="utf-8").splitlines()
        head = _comment(lines, next((place for place, line in enumerate(lines) if not line.startswith("--")), 0))
        for place, line in enumerate(lines):
            if match := FUNCTION.match(line):
                if said := _comment(lines, place):
                    above[match[1]] = said
                whole[match[1]] = head
    return whole | above


def _comment(lines: list[str], place: int) -> list[str]:
    """The comment that ends at a line."""
    first = place
    while first and lines[first - 1].startswith("--"):
        first -= 1
    return lines[first:place]


def built(server: Postgres) -> Walls:
    """What stands in a database that the migrations have just built."""
    with closing(server.connect()) as connection:
        server.create_database(connection, NAME)
    migrations.upgrade(server.url(OWNER, NAME))
    with closing(server.connect(SUPERUSER, NAME)) as connection:
        return catalogue(connection)


def write(folder: Path, walls: Walls) -> None:
    """Write each noun's file, and take those away that have nothing to say any more."""
    written = files(walls, kept(folder))
    for noun in NOUNS:
        file = folder / noun / FILE
        if noun in written:
            file.write_text(written[noun], encoding="utf-8")
        else:
            file.unlink(missing_ok=True)
