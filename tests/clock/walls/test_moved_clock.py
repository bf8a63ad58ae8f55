"""Nobody moves the time of a record but in a test home, and there forward only, as the one function does it (21 CFR 11.10(e))."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models.clock.store import moved_clock
from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, moved
from models.migrations import test_home
from tests.support.servers.database import TestDatabase

OPERATOR = Actor("service:operator", "操作员 / operator", "cli", reason="CAPA")
ELSEWHERE = (
    "create schema test_clock",
    "create function public.now() returns timestamptz language sql as 'select pg_catalog.now()'",
    "create function pg_catalog.now() returns timestamptz language sql as 'select null::timestamptz'",
    "do $$ begin execute format('alter database %I set search_path = pg_temp', current_database()); end $$",
    "select test_clock.step(now() + interval '1 day')",
)
IN_TEST_HOME = (
    ("insert into test_clock.moved (microseconds) values (1000000)", "42501"),
    ("update test_clock.moved set microseconds = 1", "42501"),
    ("delete from test_clock.clock_move", "42501"),
    ("drop schema test_clock cascade", "42501"),
    ("create or replace function test_clock.now() returns timestamptz language sql as 'select null::timestamptz'", "42501"),
    ("select test_clock.step(now() + interval '1 day')", "BW240"),
)  # fmt: skip
CONFIGURED = (
    "select string_agg(p.oid::regprocedure || array_to_string(p.proconfig, ','), ' ' order by p.oid) from pg_proc p"
    " where p.pronamespace = 'public'::regnamespace"
)
NOT_MOVED = (
    "select count(*) from pg_proc p, unnest(p.proconfig) c where p.pronamespace = 'public'::regnamespace"
    " and c like 'search_path=%' and c not like '%test_clock%'"
)
OWNERS = (
    "update test_clock.moved set microseconds = 1",
    "delete from test_clock.moved",
    "truncate test_clock.moved",
    "delete from test_clock.clock_move",
)


def refused(url: str, statement: str) -> str:
    """The state with which the database says no."""
    engine = create_engine(url)
    try:
        with pytest.raises(DBAPIError) as no, engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
    return str(getattr(no.value.orig, "sqlstate", ""))


@pytest.mark.parametrize("statement", ELSEWHERE)
def test_no_role_of_the_application_can_make_a_clock(fresh_database: TestDatabase, statement: str) -> None:
    for url in (fresh_database.url, fresh_database.api_url):
        assert refused(url, statement) in {"42501", "3F000"}


def test_a_home_of_before_is_not_marked_afterwards_and_finishing_changes_nothing(fresh_database: TestDatabase) -> None:
    with fresh_database.engine.connect() as connection:
        before = connection.execute(text(CONFIGURED)).scalar()
    with pytest.raises(Refusal, match="API-513"):
        test_home.mark(fresh_database.owner_url)
    test_home.finish(fresh_database.owner_url)
    with fresh_database.engine.connect() as connection:
        assert connection.execute(text(CONFIGURED)).scalar() == before
        assert not connection.execute(text("select to_regnamespace('test_clock') is not null")).scalar()
        assert connection.execute(text("select now() = pg_catalog.now()")).scalar()


def test_elsewhere_a_move_is_refused(fresh_database: TestDatabase) -> None:
    with pytest.raises(Refusal, match="API-512"):
        moved_clock.move(fresh_database.engine, OPERATOR, "30d")
    assert moved_clock.look(fresh_database.engine) is None
    with act(fresh_database.engine, OPERATOR) as session:
        assert moved(session) == timedelta()


@pytest.mark.parametrize(("statement", "state"), IN_TEST_HOME)
def test_in_a_test_home_only_the_way_of_a_move_moves_the_clock(
    test_home_database: TestDatabase, statement: str, state: str
) -> None:
    for url in (test_home_database.url, test_home_database.api_url):
        assert refused(url, statement) == state


def test_a_test_homes_whole_record_goes_by_its_clock(test_home_database: TestDatabase) -> None:
    """Defaults, functions with a path of their own, transactions and statements; a move is one event of who asked for it."""
    engine = test_home_database.engine
    before = moved_clock.now(engine)
    target = moved_clock.move(engine, OPERATOR, "30d").target
    assert target is not None
    with pytest.raises(Refusal, match="API-515"):
        moved_clock.move(engine, OPERATOR, "1d")
    assert moved_clock.step(engine, target)
    assert not moved_clock.step(engine, target), "there already"
    now = moved_clock.now(engine)
    assert timedelta(days=30) <= now - before < timedelta(days=30, minutes=2)
    with act(engine, OPERATOR) as session:
        assert timedelta(days=29, hours=23) < moved(session) <= timedelta(days=30)
    clocks = ("now()", "transaction_timestamp()", "statement_timestamp()", "clock_timestamp()")
    with engine.connect() as connection:
        for one in clocks:
            assert connection.execute(text(f"select {one}")).scalar_one() >= target, one
        event = connection.execute(
            text("select at, actor_id, reason, after from audit_event where table_name = 'clock_move'")
        ).one()
        assert (event.actor_id, event.reason) == ("service:operator", "CAPA")
        assert event.at < target, "asked for before it was moved"
        assert connection.execute(text(NOT_MOVED)).scalar() == 0
    with Session(engine) as session, session.begin():
        session.connection().execute(text("select set_config('bw.actor_id', 'service:operator', true), set_config('bw.actor_name',"
                                          " '操作员 / operator', true), set_config('bw.source', 'cli', true)"))  # fmt: skip
        session.connection().execute(
            text("insert into clock_jump (last_at, last_event_id, reason) values (now(), 1, 'x')")
        )
        at = session.connection().execute(text("select j.at, a.at as event from clock_jump j, audit_event a"
                                               " where a.table_name = 'clock_jump'")).one()  # fmt: skip
        assert min(at.at, at.event) >= target, "the default and the trail's function"


def arrive(engine: Engine) -> None:
    """Let a move that is under way come to its end."""
    seen = moved_clock.look(engine)
    assert seen is not None
    if seen.under_way and seen.target is not None:
        moved_clock.step(engine, seen.target)


def test_of_many_who_move_the_clock_at_once_one_does_and_the_others_are_told_that_it_is_on_its_way(
    test_home_database: TestDatabase,
) -> None:
    engine, many = test_home_database.engine, 6
    arrive(engine)
    together = Barrier(many)

    def move(_: int) -> str:
        together.wait()
        try:
            moved_clock.move(engine, OPERATOR, "2d")
        except Refusal as refusal:
            return refusal.code
        return "moved"

    with ThreadPoolExecutor(many) as people:
        assert sorted(people.map(move, range(many))) == ["API-515"] * (many - 1) + ["moved"]
    arrive(engine)


def test_who_dies_during_a_move_leaves_the_clock_where_it_was_and_the_next_goes_on(
    test_home_database: TestDatabase,
) -> None:
    engine = test_home_database.engine
    arrive(engine)
    target = moved_clock.move(engine, OPERATOR, "3d").target
    assert target is not None
    owner = create_engine(test_home_database.owner_url)
    dying = owner.connect()
    assert dying.execute(moved_clock.STEP, {"at": target - timedelta(days=1)}).scalar()
    dying.invalidate()  # the connection is gone, as of a process that was killed
    owner.dispose()
    seen = moved_clock.look(engine)
    assert seen is not None
    assert (seen.under_way, seen.target) == (True, target)
    assert target - seen.now > timedelta(days=2, hours=23), "nothing of the step is there"
    assert moved_clock.step(engine, target), "nobody holds the next up"
    assert moved_clock.now(engine) >= target


@pytest.mark.parametrize("statement", OWNERS)
def test_the_clock_never_goes_back_for_the_owner_either(test_home_database: TestDatabase, statement: str) -> None:
    engine = test_home_database.engine
    seen = moved_clock.look(engine)
    assert seen is not None
    if seen.target is None:
        target = moved_clock.move(engine, OPERATOR, "30d").target
        assert target is not None
        moved_clock.step(engine, target)
    assert refused(test_home_database.owner_url, statement) == "BW240"
