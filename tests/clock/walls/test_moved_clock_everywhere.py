"""In a test home nothing of the record asks the server for its time past the test clock (21 CFR 11.10(e); DESIGN 13)."""

import re

import pytest
from sqlalchemy import create_engine, text

from tests.support.servers.database import TestDatabase

DEFINED = """
select 'default of ' || d.adrelid::regclass || '.' || a.attname, pg_get_expr(d.adbin, d.adrelid)
  from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum join pg_class c on c.oid = d.adrelid
 where c.relnamespace = 'public'::regnamespace
union all select 'constraint ' || conname || ' of ' || conrelid::regclass, pg_get_constraintdef(oid)
  from pg_constraint where connamespace = 'public'::regnamespace and conrelid <> 0
union all select 'view ' || oid::regclass, pg_get_viewdef(oid)
  from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
union all select 'index ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
  from pg_index join pg_class c on c.oid = indexrelid where c.relnamespace = 'public'::regnamespace
union all select 'trigger ' || tgname || ' of ' || tgrelid::regclass, pg_get_triggerdef(t.oid)
  from pg_trigger t join pg_class c on c.oid = tgrelid where c.relnamespace = 'public'::regnamespace and not tgisinternal
union all select 'policy ' || polname,
    concat(pg_get_expr(polqual, polrelid), ' ', pg_get_expr(polwithcheck, polrelid)) from pg_policy
union all select 'domain ' || oid::regtype, coalesce(pg_get_expr(typdefaultbin, 0), '')
  from pg_type where typnamespace = 'public'::regnamespace and typtype = 'd'
union all select 'function ' || oid::regprocedure, pg_get_functiondef(oid)
  from pg_proc where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
"""
"""Everything of the record that can ask for a time, as the server writes it down: what isn't found first is said with its schema."""
PAST_THE_CLOCK = re.compile(
    r"\bpg_catalog\s*\.\s*(?:now|transaction_timestamp|statement_timestamp|clock_timestamp|timeofday)\b"
    r"|\btimeofday\s*\(|\bcurrent_(?:timestamp|date|time)\b|\blocal(?:time|timestamp)\b"
    r"|'(?:now|today|tomorrow|yesterday)'|\bage\s*\([^,()]*\)|\bset\s+search_path\s+(?:to|=)(?![^\n]*\btest_clock\b)",
    re.IGNORECASE,
)
"""The server's own time, which no move moves; and a function's own path on which the test clock isn't found."""
COMMENT = re.compile(r"--[^\n]*")
ASKS = re.compile(r"\b(?:now|transaction_timestamp|statement_timestamp|clock_timestamp)\(\)")
PATH = "set search_path = public, test_clock, pg_catalog"
ESCAPES = (
    "create table escape (at timestamptz default pg_catalog.now())",
    "create table escape (at timestamptz default current_timestamp)",
    "create table escape (at timestamptz default 'now'::text::timestamptz)",
    "create view escape as select age(timestamptz '2026-01-31')",
    "create function escape() returns timestamptz language sql begin atomic select pg_catalog.clock_timestamp(); end",
    "create function escape() returns timestamptz language plpgsql as 'begin return localtimestamp; end'",
    "create function escape() returns timestamptz language sql set search_path = public, pg_temp as 'select now()'",
    "set local search_path = public, pg_catalog; create table escape (at timestamptz default now()); " + PATH,
)


def defined(url: str, before: str = "") -> dict[str, str]:
    """Every definition of the record; after a statement, which isn't kept."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if before:
                connection.exec_driver_sql(before)
            return {what: COMMENT.sub("", said) for what, said in connection.execute(text(DEFINED))}
    finally:
        engine.dispose()


def asking(found: dict[str, str]) -> set[str]:
    """What asks for the time."""
    return {what for what, said in found.items() if ASKS.search(said)}


def test_no_default_view_index_or_function_of_a_test_home_goes_past_its_clock(test_home_database: TestDatabase) -> None:
    found = defined(test_home_database.owner_url)
    assert {what: said for what, said in found.items() if PAST_THE_CLOCK.search(said)} == {}
    assert len(asking(found)) > 40, "the record's times"


def test_a_home_that_is_no_test_home_asks_in_the_same_places_and_the_server(
    test_home_database: TestDatabase, fresh_database: TestDatabase
) -> None:
    ours, elsewhere = defined(test_home_database.owner_url), defined(fresh_database.owner_url)
    assert ours.keys() == elsewhere.keys()
    assert asking(ours) == asking(elsewhere)
    assert "test_clock" not in "".join(elsewhere.values())
    with fresh_database.engine.connect() as connection:
        assert connection.execute(text("select now() = pg_catalog.now()")).scalar()
        assert connection.execute(text("show search_path")).scalar() == '"$user", public'


@pytest.mark.parametrize("statement", ESCAPES)
def test_what_would_go_past_the_clock_is_found(test_home_database: TestDatabase, statement: str) -> None:
    found = defined(test_home_database.owner_url, statement)
    assert {what for what, said in found.items() if PAST_THE_CLOCK.search(said)} != set()
    assert not any("escape" in what for what in defined(test_home_database.owner_url)), "it wasn't kept"
