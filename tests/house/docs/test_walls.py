"""Each noun's walls.sql says what stands in the live database, all of it, and nothing else (DESIGN 3; 21 CFR 11.10(e))."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any, LiteralString

import psycopg
import pytest

from models.nouns import NOUNS
from runtime.postgres import SUPERUSER, Postgres
from runtime.reference import walls
from tests.support.house.proves import proves
from tests.support.servers.database import TestDatabase

FILES = {file.parent.name: file.read_text(encoding="utf-8") for file in sorted(walls.MODELS.glob(f"*/{walls.FILE}"))}
FUNCTION = re.compile(r"^create or replace function (\w+)\(", re.MULTILINE)
TRIGGER = re.compile(r"^create (?:constraint )?trigger (\w+) .*? on (\w+) ", re.MULTILINE)
TABLE = re.compile(r"^alter table (\w+)\n(.*?;)$", re.MULTILINE | re.DOTALL)
REFUSING = re.compile(rf"^{walls.REFUSES}.*\ncreate or replace function (\w+)\(", re.MULTILINE)
CLAUSE = re.compile(r"21 CFR|ISO 13485|DESIGN|REQUIREMENTS|STANDARDS|ALCOA|\b[A-Z]{3}-\d{3}\b")
"""A law, a page of ours, or the refusal that people read, which names both."""
CHECK = re.compile(r"^  add constraint (\w+) ", re.MULTILINE)


@pytest.fixture
def live(database_template: Postgres, database: TestDatabase) -> Iterator[psycopg.Connection[Any]]:
    """The owner of everything, who takes back what it did."""
    with closing(database_template.connect(SUPERUSER, database.name)) as connection:
        connection.autocommit = False
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def standing(database_template: Postgres, database: TestDatabase) -> walls.Walls:
    with closing(database_template.connect(SUPERUSER, database.name)) as connection:
        return walls.catalogue(connection)


def stale(connection: psycopg.Connection[Any]) -> set[str]:
    """The nouns whose file says something else than the database."""
    told = walls.files(walls.catalogue(connection), walls.kept())
    return {noun for noun in NOUNS if told.get(noun) != FILES.get(noun)}


@proves("11.10(e)")
def test_each_file_says_what_stands(live: psycopg.Connection[Any]) -> None:
    assert stale(live) == set(), "run `make docs`"


def test_every_function_trigger_and_check_stands_in_one_file(standing: walls.Walls) -> None:
    """Read from the files without what wrote them."""
    functions: Counter[str] = Counter()
    triggers: Counter[tuple[str, str]] = Counter()
    checks: Counter[tuple[str, str]] = Counter()
    for text in FILES.values():
        functions.update(FUNCTION.findall(text))
        triggers.update((table, name) for name, table in TRIGGER.findall(text))
        checks.update((table, name) for table, lines in TABLE.findall(text) for name in CHECK.findall(lines))
    assert functions == Counter(one.name for one in standing.functions)
    assert triggers == Counter((table, name) for table, found in standing.triggers.items() for name, _, _ in found)
    assert checks == Counter((table, name) for table, found in standing.checks.items() for name, _ in found)
    assert functions.total() > 300
    assert triggers.total() > 700
    assert checks.total() > 100


def test_a_database_without_walls_gets_those_that_stand_from_the_files(
    live: psycopg.Connection[Any], standing: walls.Walls
) -> None:
    """They are SQL that can be carried out, and what comes of it is what the migrations built."""
    live.execute("set local check_function_bodies = off")
    for table, found in standing.triggers.items():
        for name, _, _ in found:
            live.execute(psycopg.sql.SQL("drop trigger {} on {}").format(*map(psycopg.sql.Identifier, (name, table))))
    for table, checks in standing.checks.items():
        for name, _ in checks:
            live.execute(
                psycopg.sql.SQL("alter table {} drop constraint {}").format(*map(psycopg.sql.Identifier, (table, name)))
            )
    assert walls.catalogue(live) != standing
    for noun in reversed(NOUNS):
        if noun in FILES:
            live.execute(FILES[noun].encode())
    again = walls.catalogue(live)
    assert (again.functions, again.triggers, again.checks) == (standing.functions, standing.triggers, standing.checks)


@pytest.mark.parametrize(
    ("change", "noun"),
    [
        (
            "create or replace function hold_lift_wall() returns trigger language plpgsql as $$ begin return new; end $$",
            "hold",
        ),
        ("alter function hold_lift_wall() security definer", "hold"),
        ("drop trigger hold_lift_wall on hold", "hold"),
        ("alter table hold disable trigger hold_lift_wall", "hold"),
        ("alter table lot drop constraint ck_lot_kind", "lot"),
        ("alter table lot add constraint ck_lot_new check (quantity < 1000000000)", "lot"),
        ("create function lot_new() returns integer language sql as $$ select 1 $$", "lot"),
        (
            "create trigger a_new_one before insert on lot for each row execute function append_only()",
            "lot",
        ),
        ("drop trigger audit_update on recall", "recall"),
    ],
)
def test_a_wall_that_changed_is_seen(live: psycopg.Connection[Any], change: LiteralString, noun: str) -> None:
    live.execute(change)
    assert stale(live) == {noun}


def test_each_function_has_its_rule_above_it_and_what_refuses_its_clause() -> None:
    """In words, not only by the codes that it refuses with."""
    decided = walls.kept()
    assert [f"{decided.noun[name]}: {name}" for name, said in decided.said.items() if not said] == []
    refusing = {one for text in FILES.values() for one in REFUSING.findall(text)}
    assert len(refusing) > 150
    assert [name for name in sorted(refusing) if not CLAUSE.search(" ".join(decided.said[name]))] == []


def test_what_people_wrote_stays_and_so_does_the_file(standing: walls.Walls) -> None:
    decided = walls.kept()
    decided.noun["lot_end"] = "item"
    decided.said["lot_end"] = ["-- The last day on which it may be used."]
    told = walls.files(standing, decided)
    assert "-- The last day on which it may be used.\ncreate or replace function lot_end(" in told["item"]
    assert "function lot_end(" not in told["lot"]
