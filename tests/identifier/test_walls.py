"""The database itself refuses a new batch number that folds like one there is; what was there before is kept and listed."""

from collections.abc import Iterator

import psycopg
import pytest

from models import migrations
from runtime.postgres import APPLICATION, Postgres
from tests.support.fixtures.walls import ACTOR, Psql, older_database, refusal

LOT = "insert into lot (lot_no, item_id, kind, status, quantity) select %(lot)s, id, 'raw', 'received', 1 from item order by id limit 1"
BEFORE = "0019"
ROWS = """
set session_replication_role = replica;
insert into item (item_no, name, kind) values ('STEEL', 'Steel', 'raw');
insert into lot (lot_no, item_id, kind, status, quantity) select n, 1, 'raw', 'received', 9
  from unnest(array['A-1', 'a 1', 'A1', 'B–2', '---']) n;
"""


@pytest.mark.parametrize("number", ["b-ok", "B OK", "Ｂ－ＯＫ", "B–OK", "B-OK\x07", "b\u00ad_ok "])
def test_a_new_number_that_folds_like_one_there_is_is_refused(psql: Psql, number: str) -> None:
    assert "B-OK" in psql.refused("BW137", LOT, lot=number)


def test_a_number_that_is_only_near_is_another_number(psql: Psql) -> None:
    psql.run(LOT, lot="BOK")


def test_two_new_numbers_of_one_act_may_not_fold_alike(psql: Psql) -> None:
    psql.refused(
        "BW137",
        "insert into lot (lot_no, item_id, kind, status, quantity) select n, i.id, 'raw', 'received', 1"
        " from (select min(id) as id from item) i, unnest(array['N-1', 'n 1']) n",
    )


@pytest.fixture
def older(database_template: Postgres) -> Iterator[tuple[psycopg.Connection, str]]:
    """A database of before, with numbers that fold alike, and its owner's address."""
    with older_database(database_template, "older_numbers", BEFORE, ROWS) as made:
        yield made


def test_an_upgrade_keeps_what_folds_alike_and_refuses_the_next(
    older: tuple[psycopg.Connection, str], database_template: Postgres
) -> None:
    connection, owner = older
    migrations.upgrade(owner)
    connection.execute("insert into service_actor (actor_id, what) values ('service:test', 'tests')")
    kept = connection.execute("select lot_no, lot_key from lot order by id").fetchall()
    assert kept == [("A-1", "A1"), ("a 1", "A1"), ("A1", "A1"), ("B–2", "B2"), ("---", "")]
    assert connection.execute("select identity, lot_id from own_number order by 1").fetchall() == [
        ("A-1", 1),
        ("A1", 3),
        ("B-2", 4),
    ]
    with database_template.connect(APPLICATION, "older_numbers") as application, application.transaction():
        application.execute(ACTOR)
        with refusal("BW137"):
            application.execute(LOT.encode(), {"lot": "a_1"})
