"""Numbers come one after the other: none twice, no gap after what was rolled back, whatever happens at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import psycopg
from alembic import command

from models import migrations
from models.kernel.store.act import act
from models.process import numbering
from models.recall.rules import recall
from runtime.postgres import APPLICATION, OWNER, SUPERUSER, Postgres
from tests.support.fixtures.walls import Psql
from tests.support.plant.plant import SETUP
from tests.support.servers.database import TestDatabase

PEOPLE = 8
EACH = 12


class GivenUpError(Exception):
    """Somebody gives up in the middle of an act."""


def test_many_at_once_get_each_number_once_and_leave_no_gap(fresh_database: TestDatabase) -> None:
    """Every third act is rolled back after it has its number."""
    together = Barrier(PEOPLE)

    def work(person: int) -> list[int]:
        together.wait()
        kept: list[int] = []
        for turn in range(EACH):
            with suppress(GivenUpError), act(fresh_database.engine, SETUP) as session:
                number = numbering.take(session, "drill", year=2026)
                if (person + turn) % 3 == 0:
                    raise GivenUpError
                kept.append(number)
        return kept

    with ThreadPoolExecutor(PEOPLE) as pool:
        found = sorted(number for kept in pool.map(work, range(PEOPLE)) for number in kept)
    assert found == list(range(1, 1 + PEOPLE * EACH * 2 // 3))


def test_kinds_years_and_scopes_are_counted_apart(fresh_database: TestDatabase) -> None:
    with act(fresh_database.engine, SETUP) as session:
        apart = [
            ("drill", 2026, ""),
            ("drill", 2027, ""),
            ("recall", 2026, ""),
            ("nonconformance", 0, "B-1"),
            ("nonconformance", 0, "B-2"),
        ]
        for kind, year, scope in apart:
            assert [numbering.take(session, kind, year=year, scope=scope) for _ in range(2)] == [1, 2]
            assert numbering.peek(session, kind, year=year, scope=scope) == 3


def test_a_number_that_was_named_before_is_not_given_again(fresh_database: TestDatabase) -> None:
    with act(fresh_database.engine, SETUP) as session:
        numbering.claim(session, "recall", 7, year=2026)
        assert numbering.take(session, "recall", year=2026) == 8
        numbering.claim(session, "recall", 3, year=2026)
        assert numbering.take(session, "recall", year=2026) == 9


def test_a_number_is_read_as_it_is_made() -> None:
    for mode in ("recall", "drill"):
        for count in (1, 42, 1000):
            assert recall.numbered_as(recall.number(mode, 2026, count)) == (mode, 2026, count)
    for other in ("RC-26-001", "RC-2026-", "XX-2026-001", "RC-2026-１", "RC-2026-0000000001", "召回"):
        assert recall.numbered_as(other) is None


def test_a_counter_never_goes_back(psql: Psql) -> None:
    psql.refused("BW355", "update numbering set next = next - 1")
    psql.refused("BW355", "update numbering set year = year + 1")
    psql.refused("BW002", "delete from numbering", OWNER)


ROWS = """
set session_replication_role = replica;
insert into item (item_no, name, kind) values ('I', 'x', 'raw');
insert into lot (lot_no, item_id, kind, status, quantity) values ('L', 1, 'raw', 'received', 9), ('M', 1, 'raw', 'received', 9);
insert into recall (recall_no, mode, title, reason, identifier) values
  ('RC-2026-004', 'recall', 'x', 'x', 'x'), ('RC-2026-009', 'recall', 'x', 'x', 'x'), ('by hand', 'recall', 'x', 'x', 'x'),
  ('RD-2025-001', 'drill', 'x', 'x', 'x');
insert into nonconformance (nonconformance_no, lot_id, title) values ('NC-L-1', 1, 'x'), ('DV-L-2', 1, 'x'), ('NC-L-old', 1, 'x');
"""


def test_an_upgrade_goes_on_behind_the_highest_number_in_use(database_template: Postgres) -> None:
    with database_template.connect() as administration:
        database_template.create_database(administration, "numbered")
    owner = database_template.url(OWNER, "numbered")
    command.upgrade(migrations.config(owner), "0086")
    with database_template.connect(SUPERUSER, "numbered") as connection:
        connection.execute(ROWS.encode())
    migrations.upgrade(owner)
    with psycopg.connect(database_template.url(APPLICATION, "numbered").replace("+psycopg", "")) as connection:
        found = connection.execute(
            "select kind, scope, year, next from numbering order by kind, scope, year"
        ).fetchall()
    with database_template.connect() as administration:
        administration.execute(b'drop database "numbered" with (force)')
    assert found == [("drill", "", 2025, 2), ("nonconformance", "L", 0, 4), ("recall", "", 2026, 10)]
