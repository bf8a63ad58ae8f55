"""More is in no case than is there, nothing is in two, none is in itself, and what left stays, whoever asks.

Attacked with a plain connection of the application's role, past all of our code (DESIGN 2.4; REQUIREMENTS 56).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import pytest

from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal
from tests.support.plant.packing import sscc

Step = tuple[LiteralString, dict[str, Any]]
A, B, P = sscc(901), sscc(902), "PAL-901"
UNIT: LiteralString = (
    "insert into logistic_unit (unit_no, kind, location_id, created_by_id) select %(no)s, %(kind)s, s.location_id,"
    " (select min(id) from person) from stock s join lot l on l.id = s.lot_id where l.lot_no = 'B-OK' and s.quantity = 40"
)
PUT: LiteralString = (
    "insert into packed_content (unit_id, lot_id, quantity, packed_by_id) select u.id, l.id, %(quantity)s,"
    " (select min(id) from person) from logistic_unit u, lot l where u.unit_no = %(no)s and l.lot_no = %(lot)s"
)
NEST: LiteralString = (
    "insert into packed_content (unit_id, child_id, packed_by_id) select u.id, k.id, (select min(id) from person)"
    " from logistic_unit u, logistic_unit k where u.unit_no = %(no)s and k.unit_no = %(inner)s"
)
SERIAL: LiteralString = (
    "insert into packed_content (unit_id, lot_id, serial_unit_id, quantity, packed_by_id) select u.id, s.lot_id, s.id, 1,"
    " (select min(id) from person) from logistic_unit u, serial_unit s where u.unit_no = %(no)s and s.serial_no = 'SN-1'"
)
OUT: LiteralString = (
    "update packed_content c set unpacked_at = now(), unpacked_by_id = (select min(id) from person)"
    " from logistic_unit u where u.id = c.unit_id and u.unit_no = %(no)s"
)
SHIPMENT: LiteralString = (
    "insert into shipment (shipment_no, customer_id, status, shipped_at) select 'SH-WALL', min(id), 'shipped', now()"
    " from customer"
)
LINE: LiteralString = (
    "insert into shipment_line (shipment_id, lot_id, quantity) select h.id, l.id, %(quantity)s from shipment h, lot l"
    " where h.shipment_no = 'SH-WALL' and l.lot_no = 'B-OK'"
)
BIND: LiteralString = (
    "update packed_content c set shipment_line_id = (select max(id) from shipment_line) from logistic_unit u"
    " where u.id = c.unit_id and u.unit_no = %(no)s and c.lot_id is not null"
)
LEAVE: LiteralString = (
    "update logistic_unit set status = 'shipped', shipment_id = (select id from shipment where shipment_no = 'SH-WALL')"
    " where unit_no = %(no)s"
)
GO: LiteralString = (
    "insert into stock_movement (lot_id, kind, from_location_id, quantity, shipment_line_id) select l.id, %(kind)s,"
    " s.location_id, %(quantity)s, (select max(id) from shipment_line) from lot l join stock s on s.lot_id = l.id"
    " where l.lot_no = 'B-OK' and s.quantity > 0"
)
NOW: LiteralString = "set constraints all immediate"


@contextmanager
def packed(psql: Psql, role: str = APPLICATION) -> Iterator[psycopg.Connection]:
    """Ten of B-OK in a case and five in another on a pallet; forty of it are there."""
    with psql.transaction(role) as connection:
        for number, kind in ((A, "case"), (B, "case"), (P, "pallet")):
            connection.execute(UNIT, {"no": number, "kind": kind})
        connection.execute(PUT, {"no": A, "lot": "B-OK", "quantity": 10})
        connection.execute(PUT, {"no": B, "lot": "B-OK", "quantity": 5})
        connection.execute(NEST, {"no": P, "inner": A})
        connection.execute(NOW)
        connection.execute("set constraints all deferred")
        yield connection


def refused(psql: Psql, state: str, *steps: Step, role: str = APPLICATION) -> None:
    with packed(psql, role) as connection, refusal(state):
        for statement, given in steps:
            connection.execute(statement, given)
        connection.execute(NOW)


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_a_pallet_is_packed_unpacked_and_shipped_whole(psql: Psql, role: str) -> None:
    """The control."""
    with packed(psql, role) as connection:
        connection.execute(OUT, {"no": B})
        connection.execute(SHIPMENT)
        connection.execute(LINE, {"quantity": 10})
        connection.execute(BIND, {"no": A})
        connection.execute(GO, {"kind": "ship", "quantity": 10})
        connection.execute(LEAVE, {"no": A})
        connection.execute(LEAVE, {"no": P})
        connection.execute(NOW)


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_no_more_is_packed_than_is_there(psql: Psql, role: str) -> None:
    refused(psql, "BW117", (PUT, {"no": B, "lot": "B-OK", "quantity": 26}), role=role)
    refused(psql, "BW117", (PUT, {"no": B, "lot": "B-NEW", "quantity": 1}), role=role)  # it lies elsewhere
    with packed(psql, role) as connection:
        connection.execute(PUT, {"no": B, "lot": "B-OK", "quantity": 25})


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_what_is_packed_doesn_t_leave_without_its_unit(psql: Psql, role: str) -> None:
    ship: tuple[Step, ...] = ((SHIPMENT, {}), (LINE, {"quantity": 26}), (GO, {"kind": "ship", "quantity": 26}))
    refused(psql, "BW124", *ship, role=role)
    refused(psql, "BW124", (GO, {"kind": "scrap", "quantity": 26}), role=role)
    elsewhere: LiteralString = (
        "insert into stock_movement (lot_id, kind, from_location_id, to_location_id, quantity) select l.id, 'move',"
        " s.location_id, (select id from location where code = 'RCV-01'), 40 from lot l join stock s on s.lot_id = l.id"
        " where l.lot_no = 'B-OK' and s.quantity > 0"
    )
    refused(psql, "BW124", (elsewhere, {}), role=role)


def test_nothing_is_in_two_units_and_none_in_itself(psql: Psql) -> None:
    refused(psql, "23505", (NEST, {"no": B, "inner": A}))
    refused(psql, "23505", (SERIAL, {"no": A}), (SERIAL, {"no": B}))
    refused(psql, "BW113", (NEST, {"no": B, "inner": B}))
    refused(psql, "BW112", (NEST, {"no": B, "inner": P}))
    refused(psql, "BW113", (OUT, {"no": P}), (NEST, {"no": A, "inner": B}), (NEST, {"no": B, "inner": A}))


def test_a_unit_and_what_is_in_it_stay_together(psql: Psql) -> None:
    away: LiteralString = (
        "update logistic_unit set location_id = (select id from location where code = 'RCV-01') where unit_no = %(no)s"
    )
    refused(psql, "BW121", (away, {"no": A}))
    refused(psql, "BW121", (away, {"no": P}))
    refused(psql, "BW123", (away, {"no": B}))
    refused(psql, "BW123", (away, {"no": P}), (away, {"no": A}))


def test_a_shipped_unit_leaves_with_all_that_is_in_it_and_stays_closed(psql: Psql) -> None:
    shipment: tuple[Step, ...] = ((SHIPMENT, {}), (LINE, {"quantity": 5}), (GO, {"kind": "ship", "quantity": 5}))
    bound = (*shipment, (BIND, {"no": B}), (LEAVE, {"no": B}))
    refused(psql, "BW122", *shipment, (LEAVE, {"no": B}))
    refused(psql, "BW122", *shipment, (BIND, {"no": B}))
    less: tuple[Step, ...] = ((SHIPMENT, {}), (LINE, {"quantity": 4}), (GO, {"kind": "ship", "quantity": 4}))
    refused(psql, "BW122", *less, (BIND, {"no": B}), (LEAVE, {"no": B}))
    refused(psql, "BW121", *bound, (SHIPMENT.replace("SH-WALL", "SH-2"), {}), (LEAVE, {"no": P}))
    for after in (
        (PUT, {"no": B, "lot": "B-OK", "quantity": 1}),
        (LEAVE, {"no": B}),
        ("update logistic_unit set status = 'open', shipment_id = null where unit_no = %(no)s", {"no": B}),
    ):
        refused(psql, "BW111", *bound, after)
    refused(psql, "BW118", *bound, (OUT, {"no": B}))


def test_the_record_of_a_packing_stays(psql: Psql) -> None:
    refused(psql, "BW118", (OUT, {"no": B}), (OUT, {"no": B}))
    refused(psql, "BW118", ("update packed_content set quantity = 1 where lot_id is not null", {}))
    refused(psql, "BW118", ("update packed_content set unpacked_at = now() - interval '1 day', unpacked_by_id = 1", {}))
    refused(psql, "BW110", (PUT.replace("packed_by_id)", "packed_by_id, packed_at)").replace(
        "(select min(id) from person) from logistic_unit u, lot", "(select min(id) from person), now() - interval '1 day' from logistic_unit u, lot"
    ), {"no": B, "lot": "B-OK", "quantity": 1}))  # fmt: skip
    refused(psql, "BW120", ("update logistic_unit set unit_no = 'X' where unit_no = %(no)s", {"no": A}))
    refused(psql, "42501", ("delete from packed_content", {}))
    refused(psql, "42501", ("delete from logistic_unit", {}))
    for role in (OWNER, SUPERUSER):
        refused(psql, "BW002", ("delete from packed_content", {}), role=role)


def test_a_held_lot_is_not_packed_and_comes_out_in_parts(psql: Psql) -> None:
    hold: LiteralString = (
        "insert into hold (lot_id, reason, placed_by_id) select l.id, 'x', (select min(id) from person) from lot l"
        " where l.lot_no = 'B-OK'"
    )
    refused(psql, "BW115", (hold, {}), (PUT, {"no": B, "lot": "B-OK", "quantity": 1}))
    rest: LiteralString = (
        "insert into packed_content (unit_id, lot_id, quantity, packed_by_id, rest_of_id) select c.unit_id, c.lot_id,"
        " %(quantity)s, c.packed_by_id, c.id from packed_content c join logistic_unit u on u.id = c.unit_id"
        " where u.unit_no = %(no)s"
    )
    refused(psql, "BW114", (hold, {}), (rest, {"no": B, "quantity": 4}))
    refused(psql, "BW114", (hold, {}), (OUT, {"no": B}), (rest, {"no": B, "quantity": 5}))
    with packed(psql) as connection:
        connection.execute(hold)
        connection.execute(OUT, {"no": B})
        connection.execute(rest, {"no": B, "quantity": 4})
        connection.execute(NOW)


def test_a_serial_that_is_packed_stays_in_its_lot(psql: Psql) -> None:
    other: LiteralString = (
        "update serial_unit set lot_id = (select id from lot where lot_no = 'B-NEW') where serial_no = 'SN-1'"
    )
    line: LiteralString = (
        "insert into shipment_line (shipment_id, lot_id, quantity, serial_unit_id) select h.id, s.lot_id, 1, s.id"
        " from shipment h, serial_unit s where h.shipment_no = 'SH-WALL' and s.serial_no = 'SN-1'"
    )
    refused(psql, "BW124", (SERIAL, {"no": B}), (other, {}))
    refused(psql, "BW124", (SERIAL, {"no": B}), (SHIPMENT, {}), (line, {}))
    foreign: LiteralString = SERIAL.replace("s.lot_id, s.id, 1", "(select id from lot where lot_no = 'B-NEW'), s.id, 1")
    refused(psql, "BW116", (foreign, {"no": B}))
    refused(psql, "BW131", (other, {}))


def test_an_sscc_with_a_wrong_check_digit_is_nobody_s(psql: Psql) -> None:
    wrong = A[:-1] + str((int(A[-1]) + 1) % 10)
    refused(psql, "BW119", (UNIT, {"no": wrong, "kind": "case"}))


def test_nobody_packs_unseen(psql: Psql) -> None:
    with psql.transaction(actor=False) as connection, refusal("BW001"):
        connection.execute(UNIT, {"no": A, "kind": "case"})
