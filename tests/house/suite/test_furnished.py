"""Tests share the work of furnishing a plant and nothing else: each copy is as it was made, whatever happened to another."""

import pytest
from sqlalchemy import text

from runtime.postgres import Postgres
from tests.support.plant.direct import direct
from tests.support.plant.plant import furnish
from tests.support.record import fingerprint, unchanged, versions
from tests.support.servers.database import TestDatabase, copy_template, drop, past_walls


async def test_what_is_done_in_one_copy_is_in_no_other(database_template: Postgres, furnished_template: str) -> None:
    copies = [copy_template(database_template, furnished_template) for _ in range(2)]
    before = fingerprint(copies[1].engine)
    assert before["item"][0] > 0
    await direct(copies[0].engine).receive("R-1")
    assert fingerprint(copies[0].engine)["lot"][0] == 1
    assert fingerprint(copies[1].engine) == before
    later = copy_template(database_template, furnished_template)
    assert fingerprint(later.engine) == before
    for each in (*copies, later):
        drop(database_template, each)


def test_a_furnished_plant_is_furnished_once_and_an_empty_one_for_the_first_time(
    furnished_database: TestDatabase, module_database: TestDatabase
) -> None:
    before = fingerprint(furnished_database.engine)
    furnish(furnished_database.engine)
    assert fingerprint(furnished_database.engine) == before
    sites = text("select count(*) from site")
    with module_database.engine.connect() as connection:
        assert connection.execute(sites).scalar_one() == 0
    furnish(module_database.engine)
    with module_database.engine.connect() as connection:
        assert connection.execute(sites).scalar_one() == 1


def test_one_other_value_is_another_record_and_put_back_it_is_the_same(furnished_database: TestDatabase) -> None:
    """Values that two rows exchange are others too."""
    with furnished_database.engine.connect() as connection:
        one, two = connection.execute(text("select id, name from location order by id limit 2")).all()
    before, seen = fingerprint(furnished_database.engine), []
    for names in ((one.name, f"{two.name} "), (two.name, one.name), (one.name, two.name)):
        with past_walls(furnished_database.engine) as connection:
            for row, name in zip((one, two), names, strict=True):
                connection.execute(
                    text("update location set name = :name where id = :id"), {"id": row.id, "name": name}
                )
        after = fingerprint(furnished_database.engine)
        seen.append([table for table, row in before.items() if after[table] != row])
    assert seen == [["location"], ["location"], []]


@pytest.mark.parametrize(
    "change",
    [
        "update location set name = name where id = (select min(id) from location)",
        "insert into location (code, name, kind) values ('NEW-1', '新', 'storage')",
        "delete from location where id = (select max(id) from location)",
        "with gone as (delete from location where code = 'RCV-01' returning *) insert into location select * from gone",
        "update location a set name = b.name from location b where a.id + b.id = (select min(id) + max(id) from location)",
    ],
)
def test_whatever_is_written_is_another_record_than_the_moment_before(
    furnished_database: TestDatabase, change: str
) -> None:
    """What every refusal in the suite is held against: also a row that is written anew as it was, or changes places."""
    before = versions(furnished_database.engine)
    with past_walls(furnished_database.engine) as connection:
        assert connection.execute(text(change)).rowcount > 0
    after = versions(furnished_database.engine)
    assert [table for table, row in before.items() if after[table] != row] == ["location"]


def test_a_row_written_anew_as_it_was_is_no_refusal(furnished_database: TestDatabase) -> None:
    engine = furnished_database.engine
    with pytest.raises(AssertionError), unchanged(engine), past_walls(engine) as connection:
        connection.execute(text("update location set name = name where id = (select max(id) from location)"))
    with unchanged(engine), past_walls(engine) as connection:
        connection.execute(text("select * from location for update"))
