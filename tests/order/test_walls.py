"""Limits of what is recorded are the order's, in its unit, by whatever way they are written; a verdict needs its plan's skill."""

from typing import Any, LiteralString

import pytest

from tests.support.fixtures.walls import Psql, refusal
from tests.whole.walls.forging import acting

LOT: LiteralString = (
    "insert into lot (lot_no, item_id, kind, status, quantity, uom) select 'LIMIT-1', item_id, kind, 'in_process', 1, uom"
    " from lot where lot_no = 'B-OK'"
)
ORDER: LiteralString = (
    "insert into work_order (work_order_no, item_id, lot_id, quantity)"
    " select 'WO-LIMIT', item_id, id, 1 from lot where lot_no = 'LIMIT-1'"
)
STEP: LiteralString = (
    "insert into routing_step (work_order_id, seq, code, title_zh, title_en, parameters) select id, 10, 'BAKE', '退火', 'Anneal',"
    ' \'{"parameters": [{"name": "温度", "unit": "°C", "lower": "80.0", "upper": "90"}, {"name": "转速"}],'
    ' "readings": [{"name": "humidity", "unit": "%%", "upper": "60"}]}\''
    " from work_order where work_order_no = 'WO-LIMIT'"
)
RUN: LiteralString = (
    "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id)"
    " select w.id, w.lot_id, 10, 1, '10', now(), now(), %(person)s from work_order w where w.work_order_no = 'WO-LIMIT'"
)
PARAMETER: LiteralString = (
    "insert into operation_parameter (operation_run_id, name, value, text_value, unit, lower, upper)"
    " select max(id), %(name)s, 85, '85', %(unit)s, %(lower)s::numeric, %(upper)s::numeric from operation_run"
)
READING: LiteralString = (
    "insert into environment_reading (location_id, measured_at, quantity, value, unit, lower, upper, source_system)"
    " select min(id), now(), %(name)s, 45, %(unit)s, %(lower)s::numeric, %(upper)s::numeric, 'test' from location"
)
TAKEN: LiteralString = (
    "insert into operation_environment (operation_run_id, environment_reading_id)"
    " select (select max(id) from operation_run), max(id) from environment_reading"
)
HEAT: dict[str, Any] = {"name": "温度", "unit": "°C", "lower": "80", "upper": "90"}
AIR: dict[str, Any] = {"name": "humidity", "unit": "%", "lower": None, "upper": "60"}


def work(connection: Any, psql: Psql) -> None:
    """王操 has just recorded the operation."""
    person = psql.plant.by("wang.cao").person_id
    acting(connection, person)
    connection.execute(LOT)
    connection.execute(ORDER)
    connection.execute(STEP, {})
    connection.execute(RUN, {"person": person})


def test_values_as_the_order_asks_are_taken(psql: Psql) -> None:
    with psql.transaction() as connection:
        work(connection, psql)
        connection.execute(PARAMETER, HEAT)
        connection.execute(PARAMETER, {"name": "转速", "unit": "rpm", "lower": None, "upper": None})
        connection.execute(PARAMETER, {"name": "压力", "unit": "kPa", "lower": None, "upper": None})
        connection.execute(READING, AIR)
        connection.execute(TAKEN)


@pytest.mark.parametrize(
    "told",
    [
        {"upper": "100"},
        {"upper": None},
        {"lower": None, "upper": None},
        {"unit": "°F"},
        {"unit": None},
        {"name": "压力"},
        {"name": "转速"},
    ],
)
def test_other_limits_or_another_unit_are_refused_by_the_database(psql: Psql, told: dict[str, Any]) -> None:
    with psql.transaction() as connection:
        work(connection, psql)
        with refusal("BW320"):
            connection.execute(PARAMETER, HEAT | told)


@pytest.mark.parametrize(
    "told", [{"upper": "80"}, {"upper": None}, {"unit": "g/m3"}, {"lower": "10"}, {"name": "pressure"}]
)
def test_so_are_those_of_a_reading(psql: Psql, told: dict[str, Any]) -> None:
    with psql.transaction() as connection:
        work(connection, psql)
        connection.execute(READING, AIR | told)
        with refusal("BW320"):
            connection.execute(TAKEN)


MEASURED: LiteralString = (
    "insert into inspection_result (inspection_id, characteristic_id, sample_no, value, text_value, passed, recorded_by_id, equipment_id)"
    " select i.id, c.id, n, case c.kind when 'variable' then 12 end, case c.kind when 'variable' then '12' end, true, %(person)s,"
    " (select id from equipment where equipment_no = 'G-17') from inspection i join lot l on l.id = i.lot_id"
    " join characteristic c on c.plan_id = i.plan_id cross join generate_series(1, c.sample_size) n where l.lot_no = 'R-WAIT'"
)
DECIDED: LiteralString = (
    "update inspection i set status = 'accepted', decided_at = now(), decided_by_id = %(person)s from lot l"
    " where l.id = i.lot_id and l.lot_no = 'R-WAIT' and i.status = 'open'"
)


@pytest.mark.parametrize(("login", "state"), [("lin.jian", None), ("li.cang", "BW194"), ("chen.pi", "BW194")])
def test_nobody_unqualified_decides_an_inspection(psql: Psql, login: str, state: str | None) -> None:
    with psql.transaction() as connection:
        inspector, decider = (psql.plant.by(one).person_id for one in ("lin.jian", login))
        acting(connection, inspector)
        connection.execute(MEASURED, {"person": inspector})
        acting(connection, decider)
        if state is None:
            connection.execute(DECIDED, {"person": decider})
        else:
            with refusal(state):
                connection.execute(DECIDED, {"person": decider})
