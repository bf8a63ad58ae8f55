"""Bookkeeping doesn't grow for ever, goes by its age only, and nothing that somebody may still need goes with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from models.plant.store import demo
from runtime.postgres import API, APPLICATION, SUPERUSER, WORKER
from tests.support.fixtures.walls import Psql

TABLES: dict[str, tuple[LiteralString, int]] = {
    "applied": (
        (
            "insert into applied (activity_key, receipt, at)"
            " select 'old:' || %(days)s || ':' || n, '{}', now() - make_interval(days => %(days)s) from generate_series(1, %(count)s) n"
        ),
        90,
    ),
    "outbox": (
        (
            "insert into outbox (fact, payload, at, delivered_at)"
            " select 'lot.moved', '{}', now() - make_interval(days => %(days)s), now() from generate_series(1, %(count)s) n"
        ),
        90,
    ),
    "idempotency_key": (
        (
            "insert into idempotency_key (person_id, token, request_digest, at)"
            " select (select min(id) from person), 'old:' || %(days)s || ':' || n, '', now() - make_interval(days => %(days)s)"
            "   from generate_series(1, %(count)s) n"
        ),
        30,
    ),
    "login_session": (
        (
            "insert into login_session (token_hash, account_id, csrf, created_at, expires_at)"
            " select 'old:' || %(days)s || ':' || n, (select min(id) from account), '', now() - make_interval(days => %(days)s),"
            "        now() - make_interval(days => %(days)s) from generate_series(1, %(count)s) n"
        ),
        400,
    ),
}
DRAFT: LiteralString = (
    "insert into task_draft (task_id, person_id, form, saved_at)"
    " select (select min(id) from human_task where (status = 'open') = %(open)s), p.id, '{}', now() - make_interval(days => %(days)s)"
    "   from person p where not exists (select from task_draft d where d.person_id = p.id) order by p.id limit 1"
)
NEWER = 1100
"""Rows put behind the old ones, since the newest thousand of a table stay whatever they tell."""


@contextmanager
def hand(psql: Psql) -> Iterator[psycopg.Connection]:
    """A transaction that may write rows of any age; the plant's own rows are as if written now."""
    with psql.transaction(SUPERUSER) as connection:
        yield connection


def forget(connection: psycopg.Connection, role: LiteralString = WORKER, most: int = 100_000) -> dict[str, int]:
    """What went, by table, when the role asks."""
    connection.execute(f"set session authorization {role}".encode())
    gone: dict[str, int] = dict(
        connection.execute("select what, forgotten from forget_bookkeeping(%s)", [most]).fetchall()
    )
    connection.execute("reset session authorization")
    return gone


@pytest.mark.parametrize("table", TABLES)
def test_what_is_older_than_its_time_goes_and_what_is_younger_stays(psql: Psql, table: str) -> None:
    insert, days = TABLES[table]
    with hand(psql) as connection:
        for age, count in ((days + 1, 40), (days - 1, 30), (0, NEWER)):
            connection.execute(insert, {"days": age, "count": count})
        assert forget(connection) == {**dict.fromkeys([*TABLES, "task_draft"], 0), table: 40}
        assert forget(connection)[table] == 0


def test_only_so_many_go_at_once_and_the_oldest_first(psql: Psql) -> None:
    insert, days = TABLES["applied"]
    with hand(psql) as connection:
        for age, count in ((days + 5, 10), (days + 1, 10), (0, NEWER)):
            connection.execute(insert, {"days": age, "count": count})
        assert forget(connection, most=12)["applied"] == 12
        left = connection.execute("select count(*) from applied where at < now() - interval '94 days'").fetchone()
        assert left == (0,)
        assert forget(connection, most=12)["applied"] == 8


@pytest.mark.parametrize("table", TABLES)
def test_a_plant_that_stood_still_for_years_finds_everything_as_it_left_it(psql: Psql, table: str) -> None:
    with hand(psql) as connection:
        connection.execute(TABLES[table][0], {"days": 2000, "count": NEWER})
        assert not any(forget(connection).values())


@pytest.mark.parametrize("table", TABLES)
def test_the_newest_thousand_rows_stay_whatever_they_tell(psql: Psql, table: str) -> None:
    insert, _ = TABLES[table]
    with hand(psql) as connection:
        connection.execute(insert, {"days": 1000, "count": 999})
        connection.execute(insert, {"days": 0, "count": 1})
        assert not any(forget(connection).values())


def test_what_somebody_may_still_need_never_goes(psql: Psql) -> None:
    with hand(psql) as connection:
        for table, (insert, _) in TABLES.items():
            connection.execute(insert, {"days": 1000, "count": 1})
            if table == "login_session":
                connection.execute(
                    "update login_session set expires_at = now() + interval '1 day' where token_hash = 'old:1000:1'"
                )
        connection.execute("delete from idempotency_key where token = 'old:1000:1'")
        connection.execute(
            "insert into act_fault (activity_key, act, workflow_id, command, trouble, error, detail)"
            " values ('old:1000:1', 'ship', 'w', '{}', 'bug', '', '')"
        )
        connection.execute(
            "insert into applied (activity_key, receipt, at) values (%s, '{}', now() - interval '1000 days')",
            [demo.BEGUN],
        )
        connection.execute("update outbox set given_up_at = now() where at < now() - interval '999 days'")
        connection.execute(
            "insert into outbox (fact, payload, at) values ('lot.moved', '{}', now() - interval '1000 days')"
        )
        connection.execute(DRAFT, {"open": True, "days": 1000})
        connection.execute(DRAFT, {"open": False, "days": 89})
        for insert, _ in TABLES.values():
            connection.execute(insert, {"days": 0, "count": NEWER})
        assert not any(forget(connection).values())
        # the fault was settled, somebody else completed the task: now they may go
        connection.execute("update act_fault set status = 'done', settled_at = now() where activity_key = 'old:1000:1'")
        connection.execute(
            "update task_draft set saved_at = now() - interval '91 days' where saved_at between now() - interval '90 days' and now() - interval '88 days'"
        )
        connection.execute(DRAFT, {"open": True, "days": 0})
        gone = forget(connection)
        assert (gone["applied"], gone["task_draft"]) == (1, 1)
        assert connection.execute(
            "select count(*) from task_draft where saved_at < now() - interval '999 days'"
        ).fetchone() == (1,)


@pytest.mark.parametrize("role", [APPLICATION, WORKER, API])
@pytest.mark.parametrize("table", TABLES)
def test_nobody_forgets_a_row_by_hand(psql: Psql, table: str, role: str) -> None:
    with psql.transaction(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))


def test_who_has_no_right_here_has_no_right_to_forget(psql: Psql) -> None:
    asked: LiteralString = "select has_function_privilege(%(role)s, 'forget_bookkeeping(integer)', 'execute')"
    with hand(psql) as connection:
        may = {role: connection.execute(asked, {"role": role}).fetchone() for role in ("public", APPLICATION, WORKER)}
    assert may == {"public": (False,), APPLICATION: (True,), WORKER: (True,)}
