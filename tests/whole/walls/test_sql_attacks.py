"""What somebody with the application's password tries by hand, and the wall that each attempt meets (DESIGN 2.4).

21 CFR 11.10(e); ISO 13485 4.2.5, 8.3.2.
"""

from typing import LiteralString

import pytest
from psycopg import sql

from tests.support.fixtures.walls import Psql, refusal

NO_RIGHT = "42501"
BACK: LiteralString = "update definition_version set status = 'draft' where key = 'release'"
REWORKED: LiteralString = "update lot set status = %(status)s where lot_no = 'B-OK'"
FROM_NOTHING: LiteralString = (
    "insert into stock_movement (lot_id, kind, to_location_id, quantity) select lot_id, 'adjust', location_id, 7"
    " from stock where quantity > 0 limit 1"
)
TO_NOWHERE: LiteralString = (
    "insert into stock_movement (lot_id, kind, from_location_id, quantity) select lot_id, 'adjust', location_id, 1"
    " from stock where quantity > 0 limit 1"
)


def test_an_effective_definition_never_becomes_a_draft_again(psql: Psql) -> None:
    psql.refused("BW170", BACK)
    psql.refused("BW170", "update definition_version set status = 'in_review' where key = 'release'")


@pytest.mark.parametrize(
    "change",
    [
        "quantity = 1000000",
        "lot_id = (select id from lot where lot_no = 'B-NEW')",
        "shipment_id = shipment_id + 1",
        "recorded_at = recorded_at - interval '1 day'",
    ],
)
def test_a_line_of_a_shipment_stays_what_left(psql: Psql, change: str) -> None:
    which = (
        "id = (select n.id from shipment_line n join shipment h on h.id = n.shipment_id where h.shipment_no = 'SH-1')"
    )
    psql.refused("BW171", f"update shipment_line set {change} where {which}")  # noqa: S608 - our own words


def test_what_came_back_is_not_taken_back(psql: Psql) -> None:
    which = (
        "id = (select n.id from shipment_line n join shipment h on h.id = n.shipment_id where h.shipment_no = 'SH-1')"
    )
    with psql.transaction() as connection:
        connection.execute(f"update shipment_line set returned = returned + 1 where {which}".encode())  # noqa: S608
        with refusal("BW171"):
            connection.execute(f"update shipment_line set returned = returned - 1 where {which}".encode())  # noqa: S608


def test_no_goods_appear_or_vanish_by_a_bare_adjustment(psql: Psql) -> None:
    psql.refused("BW172", FROM_NOTHING)
    psql.refused("BW172", TO_NOWHERE)


def test_what_was_rejected_is_not_released_on_its_old_signatures(psql: Psql) -> None:
    with psql.transaction() as connection:
        for status in ("rejected", "in_process", "finished", "inspected"):
            connection.execute(REWORKED, {"status": status})
        with refusal("BW173"):
            connection.execute(REWORKED, {"status": "released"})


@pytest.mark.parametrize(
    "change",
    [
        "calibration set due_at = due_at + interval '9 years'",
        "environment_reading set value = 0",
        "environment_reading set upper = 1000000",
        "operation_parameter set value = 0",
        "operation_parameter set upper = 1000000",
        "operation_person set person_id = person_id + 1",
        "operation_equipment set calibration_id = null",
    ],
)
def test_who_worked_with_what_and_what_was_read_is_written_once(psql: Psql, change: str) -> None:
    psql.refused(NO_RIGHT, f"update {change}")


CLOCK: tuple[LiteralString, ...] = (
    "update recall_deadline set due_at = due_at + interval '1 year'",
    "update recall_deadline set event_at = event_at + interval '1 day'",
    "update recall_deadline set clause = 'none'",
    "update recall_deadline set provisional = not provisional",
)


@pytest.mark.parametrize("statement", CLOCK)
def test_a_legal_clock_stays_as_it_was_computed(psql: Psql, statement: LiteralString) -> None:
    psql.refused("BW280", statement)


@pytest.mark.parametrize("moment", ["met_at", "warned_at", "missed_at"])
@pytest.mark.parametrize("wrong", ["null", "now() + interval '1 second'"])
def test_each_moment_of_a_legal_clock_comes_once(psql: Psql, moment: str, wrong: LiteralString) -> None:
    column = sql.Identifier(moment)
    with psql.transaction() as connection:
        connection.execute(sql.SQL("update recall_deadline set {0} = now() where {0} is null").format(column))
        with refusal("BW280"):
            connection.execute(sql.SQL("update recall_deadline set {} = {}").format(column, sql.SQL(wrong)))
