"""A serial number is one whole piece in one place, whoever asks and by whatever way (DESIGN 2.4; REQUIREMENTS 18, 57)."""

from typing import LiteralString

import pytest

from tests.support.fixtures.walls import Psql, refusal

SHIPMENT: LiteralString = (
    "insert into shipment (shipment_no, customer_id, status, shipped_at) select 'SH-SERIAL', min(id), 'shipped', now()"
    " from customer"
)
LINE: LiteralString = (
    "insert into shipment_line (shipment_id, lot_id, quantity, serial_unit_id) select h.id, l.id, %(quantity)s, u.id"
    " from shipment h, lot l, serial_unit u where h.shipment_no = 'SH-SERIAL' and l.lot_no = %(lot)s and u.serial_no = 'SN-1'"
)
GO: LiteralString = (
    "insert into stock_movement (lot_id, kind, from_location_id, quantity, reason) select l.id, %(kind)s, s.location_id,"
    " %(quantity)s, 'x' from lot l join stock s on s.lot_id = l.id where l.lot_no = 'B-OK' and s.quantity > 0 limit 1"
)
NUMBER: LiteralString = "insert into serial_unit (serial_no, item_id, lot_id) select %(no)s, l.item_id, l.id from lot l where l.lot_no = %(lot)s"
GONE: LiteralString = "update serial_unit set left_by_id = (select max(id) from stock_movement where kind = %(kind)s) where serial_no = 'SN-1'"
NOW: LiteralString = "set constraints all immediate"


@pytest.mark.parametrize(
    ("quantity", "lot", "state"), [("0.5", "B-OK", "BW140"), ("2", "B-OK", "BW132"), ("1", "B-NEW", "BW131")]
)
def test_a_line_names_one_whole_piece_of_its_own_lot(psql: Psql, quantity: str, lot: str, state: str) -> None:
    with psql.transaction() as connection, refusal(state):
        connection.execute(SHIPMENT)
        connection.execute(LINE, {"quantity": quantity, "lot": lot})


def test_a_serial_is_not_shipped_twice_in_one_shipment(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute(SHIPMENT)
        connection.execute(LINE, {"quantity": 1, "lot": "B-OK"})
        with refusal("BW130"):
            connection.execute(LINE, {"quantity": 1, "lot": "B-OK"})


def test_a_line_with_a_serial_stays_as_it_left(psql: Psql) -> None:
    for change in (
        "quantity = 2",
        "serial_unit_id = null",
        "returned = 0.5",
        "lot_id = (select id from lot where lot_no = 'B-NEW')",
    ):
        with psql.transaction() as connection:
            connection.execute(SHIPMENT)
            connection.execute(LINE, {"quantity": 1, "lot": "B-OK"})
            with refusal("BW132"):
                connection.execute(f"update shipment_line set {change} where serial_unit_id is not null")  # noqa: S608


def test_what_leaves_leaves_no_number_behind(psql: Psql) -> None:
    """Forty pieces, one of them with a number: forty can't be scrapped without it."""
    with psql.transaction() as connection:
        connection.execute(GO, {"kind": "scrap", "quantity": 39})
        connection.execute(NOW)
        connection.execute("set constraints all deferred")
        connection.execute(GO, {"kind": "scrap", "quantity": 1})
        with refusal("BW133"):
            connection.execute(NOW)


def test_a_number_that_left_leaves_no_second_time_and_comes_back_with_its_goods_only(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute(GO, {"kind": "scrap", "quantity": 1})
        connection.execute(GONE, {"kind": "scrap"})
        connection.execute(SHIPMENT)
        with refusal("BW130"), connection.transaction():
            connection.execute(LINE, {"quantity": 1, "lot": "B-OK"})
        with refusal("BW130"), connection.transaction():
            connection.execute("update serial_unit set left_by_id = null where serial_no = 'SN-1'")


def test_a_number_leaves_with_a_movement_of_its_own_lot_only(psql: Psql) -> None:
    psql.refused("BW130", GONE, kind="consume")
    psql.refused("BW130", GONE, kind="produce")


def test_a_number_names_one_piece_of_its_item(psql: Psql) -> None:
    psql.refused("BW135", NUMBER, no="SN-1", lot="B-NEW")
    psql.refused("BW136", "update serial_unit set serial_no = 'SN-2' where serial_no = 'SN-1'")
    psql.refused(
        "BW131", "update serial_unit set lot_id = (select id from lot where lot_no = 'B-NEW') where serial_no = 'SN-1'"
    )


def test_a_serialised_item_leaves_by_number_only(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute("update item set serial_on_label = true where item_no = 'HIP-12'")
        connection.execute(SHIPMENT)
        with refusal("BW134"):
            connection.execute(
                "insert into shipment_line (shipment_id, lot_id, quantity) select h.id, l.id, 1 from shipment h, lot l"
                " where h.shipment_no = 'SH-SERIAL' and l.lot_no = 'B-OK'"
            )
    with psql.transaction() as connection:
        connection.execute("update item set serial_on_label = true where item_no = 'HIP-12'")
        connection.execute(GO, {"kind": "consume", "quantity": 1})
        with refusal("BW134"):
            connection.execute(NOW)


@pytest.mark.parametrize("spelled", ["sn-1", "SN\u20131", "ＳＮ－１", "SN 1", "sn_1\u00ad"])
def test_a_number_that_is_only_spelled_otherwise_names_the_same_piece(psql: Psql, spelled: str) -> None:
    psql.refused("BW135", NUMBER, no=spelled, lot="B-OK")
    psql.run(NUMBER, no="SN1", lot="B-OK")


@pytest.mark.parametrize(
    ("table", "number", "more", "select"),
    [
        ("work_order", "work_order_no", "item_id, quantity", "min(id), 1 from item"),
        ("shipment", "shipment_no", "customer_id", "min(id) from customer"),
        (
            "recall",
            "recall_no",
            "mode, title, reason, identifier, opened_by_id",
            "'drill', 'x', 'x', 'x', min(id) from person",
        ),
    ],
)
def test_our_own_documents_have_one_number_each(psql: Psql, table: str, number: str, more: str, select: str) -> None:
    statement = f"insert into {table} ({number}, {more}) select %(no)s, {select}"
    with psql.transaction() as connection:
        connection.execute(statement, {"no": "AL-1"})
        connection.execute(statement, {"no": "AL1"})
        with refusal("BW202"):
            connection.execute(statement, {"no": "al \u2013 1"})
