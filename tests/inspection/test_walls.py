"""The database takes no measured value that its plan doesn't allow, and no retest that nobody signed for."""

from typing import Any

from runtime.postgres import SUPERUSER
from tests.support.fixtures.walls import Psql, refusal
from tests.whole.walls.forging import acting

VALUE = (
    "insert into inspection_result (inspection_id, characteristic_id, sample_no, value, text_value, passed, recorded_by_id,"
    " equipment_id) select i.id, c.id, coalesce(%(sample)s, 1), %(value)s::numeric, %(told)s, %(passed)s, a.person_id,"
    " (select id from equipment where equipment_no = %(gauge)s)"
    " from inspection i join lot l on l.id = i.lot_id join characteristic c on c.plan_id = i.plan_id and c.seq = 2"
    " join account a on a.login = %(login)s where l.lot_no = 'R-WAIT'"
)
GOOD: dict[str, Any] = {
    "sample": 1,
    "value": "12.00",
    "told": "12.00",
    "passed": True,
    "gauge": "G-17",
    "login": "lin.jian",
}


def test_a_value_as_the_plan_asks_is_taken(psql: Psql) -> None:
    with psql.transaction() as connection:
        acting(connection, psql.plant.by("lin.jian").person_id)
        connection.execute(VALUE, GOOD)


def test_a_value_without_its_gauge_is_refused_by_the_database(psql: Psql) -> None:
    for gauge in (None, "W-03"):
        psql.refused("BW193", VALUE, **{**GOOD, "gauge": gauge})


def test_a_value_by_somebody_unqualified_is_refused_by_the_database(psql: Psql) -> None:
    psql.refused("BW194", VALUE, **{**GOOD, "login": "li.cang"})


def test_a_sample_that_the_lot_does_not_have_is_refused_by_the_database(psql: Psql) -> None:
    for sample in (0, 4):
        psql.refused("BW195", VALUE, **{**GOOD, "sample": sample})


def test_a_value_that_is_not_what_was_entered_is_refused_by_the_database(psql: Psql) -> None:
    for value, told in (
        ("12.05", "12.0500001"),
        ("12.0500001", "12.0500001"),
        ("1204", "12_04"),
        ("12.05", None),
        (None, "12"),
    ):
        psql.refused("BW196", VALUE, **{**GOOD, "value": value, "told": told})


def test_a_value_judged_against_its_limits_is_refused_by_the_database(psql: Psql) -> None:
    psql.refused("BW197", VALUE, **{**GOOD, "passed": False})
    psql.refused("BW197", VALUE, **{**GOOD, "value": "13", "told": "13"})


def test_a_failed_inspection_is_not_repeated_without_a_signed_reason(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection, refusal("BW198"):
        connection.execute(
            "insert into inspection (inspection_no, lot_id, plan_id, stage, revision)"
            " select 'X-AGAIN', lot_id, plan_id, stage, revision + 1 from inspection where status = 'failed'"
            " order by id limit 1"
        )
