"""Splitting, merging and repacking at the record: what becomes of stock, state, holds, links, lives and the trace.

REQUIREMENTS 6, 7.  Each refusal leaves every row as it was.
"""

from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.trace.rules.trace import Answer, Direction
from models.trace.store.trace import trace_identifier
from tests.support.house.proves import proves
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling
from tests.support.plant.reshaping import in_stock, merging, new, repacking, reshape, splitting
from tests.support.record import refused
from tests.support.servers.database import past_walls

NUMBERS = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stocked(desk: Plant) -> Plant:
    """R-1 is material; B-1 is a released product, B-PACKED waits for its release, R-WAIT for its inspection."""
    await desk.material("R-1", 5000)
    for lot in ("B-1", "B-PACKED"):
        await desk.make(lot, "R-1", 480)
    await desk.release("B-1")
    await desk.receive("R-WAIT", 100)
    return desk


async def product(plant: Plant, quantity: int = 480) -> str:
    """A released product of a number of its own."""
    lot = f"P-{next(NUMBERS)}"
    await plant.make(lot, "R-1", quantity)
    await plant.release(lot)
    return lot


def answer(plant: Plant, lot: str, direction: Direction = Direction.BOTH) -> Answer:
    with reading(plant.engine) as session:
        return trace_identifier(session, lot, direction)


def whole(found: Answer) -> None:
    assert (found.complete, found.balanced, found.findings) == (True, True, ())


async def hold(plant: Plant, lot: str, reason: str = "投诉") -> str:
    command = PlaceHold(command_id=str(uuid4()), by=plant.by("wu.jingli"), lot_nos=(lot,), reason=reason)
    done = await plant.door.place_hold(plant.client, command)
    return str(done.data["holds"][0])


@proves("R7", "G 37")
async def test_a_split_leaves_the_rest_in_the_lot_and_the_parts_where_they_lay(stocked: Plant) -> None:
    lot = await product(stocked)
    done = await reshape(stocked, splitting(stocked, lot, new(f"{lot}-A", 80), new(f"{lot}-B", "100")))
    assert done.data["into"] == {f"{lot}-A": "80", f"{lot}-B": "100"}
    assert (done.data["left"], done.data["held"]) == ("300", [])
    assert [in_stock(stocked, one) for one in (lot, f"{lot}-A", f"{lot}-B")] == [
        Decimal(300),
        Decimal(80),
        Decimal(100),
    ]
    assert {stocked.status(one) for one in (lot, f"{lot}-A", f"{lot}-B")} == {"released"}
    places = "select count(distinct location_id) from stock s join lot l on l.id = s.lot_id where lot_no like :lot and s.quantity > 0"
    assert stocked.scalar(places, lot=f"{lot}%") == 1
    dates = "select count(distinct (expires_on, expiry_precision, manufactured_on)) from lot where lot_no like :lot"
    assert stocked.scalar(dates, lot=f"{lot}%") == 1
    whole(answer(stocked, f"{lot}-A"))
    whole(answer(stocked, lot))
    assert {node.lot_no for node in answer(stocked, f"{lot}-A", Direction.BACKWARD).nodes} == {f"{lot}-A", lot, "R-1"}
    await stocked.ship(f"S-{lot}", f"{lot}-A", 80)
    assert stocked.status(f"{lot}-A") == "closed"
    whole(answer(stocked, lot))


async def test_a_released_lot_that_is_split_whole_ends_its_life(stocked: Plant) -> None:
    lot = await product(stocked)
    await reshape(stocked, splitting(stocked, lot, new(f"{lot}-A", 480)))
    assert (stocked.status(lot), stocked.status(f"{lot}-A")) == ("closed", "released")


async def test_what_waits_for_its_release_goes_its_own_way_in_parts(stocked: Plant) -> None:
    await reshape(stocked, splitting(stocked, "B-PACKED", new("B-PACKED-A", 80)))
    assert [task.stage for task in stocked.tasks("B-PACKED-A")] == ["review"]
    await stocked.release("B-PACKED-A")
    assert (stocked.status("B-PACKED-A"), stocked.status("B-PACKED")) == ("released", "packed")


async def test_who_made_or_inspected_the_whole_cannot_release_a_part(stocked: Plant) -> None:
    await reshape(stocked, splitting(stocked, "B-PACKED", new("B-PACKED-B", 10)))
    query = "select count(*) from process_run p join lot l on l.id = p.lot_id where lot_no = 'B-PACKED-B'"
    assert stocked.scalar(query) == 2
    with act(stocked.engine, SETUP) as session:
        from models.lot import kind
        from models.lot.store import lots

        groups = kind.groups(session, lots.get(session, "B-PACKED-B").id)
    names = {stocked.by("lin.jian").person_id, stocked.by("wang.cao").person_id}
    assert groups["lot.inspectors"] | groups["lot.operators"] == {str(one) for one in names}


async def test_unreleased_material_is_inspected_in_each_part(stocked: Plant) -> None:
    await reshape(stocked, splitting(stocked, "R-WAIT", new("R-WAIT-A", 40)))
    assert [(task.process, task.stage) for task in stocked.tasks("R-WAIT-A")] == [("incoming-inspection", "inspect")]
    await stocked.measure("R-WAIT-A")
    await stocked.complete("R-WAIT-A", "inspect", "lin.jian", "accepted")
    assert (stocked.status("R-WAIT-A"), stocked.status("R-WAIT")) == ("released", "received")
    supplied = "select supplier_lot_no from lot where lot_no = 'R-WAIT-A'"
    assert stocked.scalar(supplied) == "P88-R-WAIT"


@proves("R7", "G 37")
async def test_a_merger_takes_all_and_expires_with_the_first(stocked: Plant) -> None:
    one, other = await product(stocked), await product(stocked, 20)
    with past_walls(stocked.engine) as connection:
        sooner = "update lot set expires_on = '2031-10-30', expiry_precision = 'day' where lot_no = :lot"
        connection.execute(text(sooner), {"lot": other})
    done = await reshape(stocked, merging(stocked, f"{one}-M", one, other))
    assert (done.data["quantity"], in_stock(stocked, f"{one}-M")) == ("500", Decimal(500))
    assert [stocked.status(lot) for lot in (one, other, f"{one}-M")] == ["closed", "closed", "released"]
    assert str(stocked.scalar("select expires_on from lot where lot_no = :lot", lot=f"{one}-M")) == "2031-10-30"
    whole(answer(stocked, f"{one}-M"))
    whole(answer(stocked, one))


@proves("R7", "G 37")
async def test_480_pieces_are_24_boxes_of_20(stocked: Plant) -> None:
    lot = await product(stocked)
    done = await reshape(stocked, repacking(stocked, lot, 480, f"{lot}-BOX", 24))
    assert (done.data["pack_size"], in_stock(stocked, f"{lot}-BOX")) == ("20", Decimal(24))
    edge = (
        "select (quantity, uom, child_quantity, child_uom)::text from genealogy_edge where kind = 'repack' order by id"
    )
    assert stocked.scalar(edge) == "(480.000000,pcs,24.000000,box)"
    whole(answer(stocked, lot))
    await stocked.ship(f"S-{lot}", f"{lot}-BOX", 4)
    found = answer(stocked, lot)
    whole(found)
    assert [(row.lot_no, row.shipped, row.uom) for row in found.customers] == [(f"{lot}-BOX", Decimal(4), "box")]
    # and back: from boxes to pieces, and boxes split and merged only with boxes of twenty
    await reshape(stocked, repacking(stocked, f"{lot}-BOX", 10, f"{lot}-PCS", 200, "pcs"))
    assert stocked.scalar("select pack_size from lot where lot_no = :lot", lot=f"{lot}-PCS") == 1
    await reshape(stocked, splitting(stocked, f"{lot}-BOX", new(f"{lot}-BOX2", 5)))
    other = await product(stocked)
    await reshape(stocked, repacking(stocked, other, 480, f"{other}-BOX", 20))
    with refused(stocked.engine, "RSH-005"):
        await reshape(stocked, merging(stocked, "NEVER", f"{lot}-BOX2", f"{other}-BOX"))


async def test_a_hold_goes_along_and_is_lifted_on_each(stocked: Plant) -> None:
    lot = await product(stocked)
    await hold(stocked, lot)
    await hold(stocked, lot, "另一个原因")
    done = await reshape(stocked, splitting(stocked, lot, new(f"{lot}-A", 80)))
    assert done.data["held"] == [f"{lot}-A"]
    with refused(stocked.engine, "LOT-003"):
        await stocked.ship(f"S-{lot}", f"{lot}-A", 1)
    keys = "select array_agg(h.public_id::text) from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot"
    for number, key in enumerate(stocked.scalar(keys, lot=f"{lot}-A")):
        lift = stocked.lifting(key, reason="已查明")
        lifted = await stocked.door.lift_hold(stocked.client, lift)
        assert lifted.data["free"] is (number == 1)
    await stocked.ship(f"S-{lot}", f"{lot}-A", 1)
    with refused(stocked.engine, "LOT-003"):
        await stocked.ship(f"S-{lot}-2", lot, 1)


REFUSED: list[tuple[str, int, Any]] = [
    ("RSH-002", 422, lambda p: splitting(p, "B-1")),
    ("RSH-014", 422, lambda p: splitting(p, "B-1", new("X", 1), reason=" ")),
    ("RSH-011", 422, lambda p: splitting(p, "B-1", new("X", 1), new("X", 2))),
    ("RSH-010", 422, lambda p: splitting(p, "B-1", *(new(f"X-{n}", 1) for n in range(51)))),
    ("LOT-006", 409, lambda p: splitting(p, "B-1", new("X", 1), new("R-1", 1))),
    ("LOT-001", 404, lambda p: splitting(p, "没有", new("X", 1))),
    ("LOT-011", 422, lambda p: splitting(p, "B-1", new("X\u202e", 1))),
    ("STK-001", 409, lambda p: splitting(p, "B-1", new("X", 300), new("Y", 181))),
    ("STK-001", 409, lambda p: splitting(p, "B-1", new("X", 1, location="RM-A1"))),
    ("STK-002", 422, lambda p: splitting(p, "B-1", new("X", 0))),
    ("UNI-005", 422, lambda p: splitting(p, "B-1", new("X", "0.0000001"))),
    ("RSH-008", 404, lambda p: splitting(p, "B-1", new("X", 1, "SN-1"))),
    ("RSH-003", 409, lambda p: splitting(p, "B-PACKED-C", new("X", 10))),
    ("RSH-004", 422, lambda p: merging(p, "X", "B-1", "B-1")),
    ("RSH-001", 409, lambda p: merging(p, "X", "B-1", "B-PACKED-C")),
    ("RSH-005", 409, lambda p: merging(p, "X", "B-1", "R-1")),
    ("LOT-006", 409, lambda p: merging(p, "R-1", "B-1", "B-PACKED-C")),
    ("RSH-006", 422, lambda p: repacking(p, "B-1", 480, "X", 7)),
    ("RSH-013", 422, lambda p: repacking(p, "B-1", 480, "X", 24, "pcs")),
    ("RSH-012", 422, lambda p: repacking(p, "B-1", 480, "X", 24, labels_scrapped=-1)),
    (
        "RSH-012",
        422,
        lambda p: repacking(p, "B-1", 480, "X", 24, labels_printed=None, labels_applied=None, labels_scrapped=None),
    ),
    ("RSH-001", 409, lambda p: repacking(p, "B-PACKED-C", 10, "X", 1)),
]


@pytest.mark.parametrize(("code", "status", "command"), REFUSED, ids=[f"{n}-{one[0]}" for n, one in enumerate(REFUSED)])
async def test_what_cannot_be_is_refused_and_nothing_is_changed(
    stocked: Plant, code: str, status: int, command: Any
) -> None:
    if stocked.scalar("select count(*) from lot where lot_no = 'B-PACKED-C'") == 0:
        await reshape(stocked, splitting(stocked, "B-PACKED", new("B-PACKED-C", 10)))
    with refused(stocked.engine, code, status):
        await reshape(stocked, command(stocked))


async def test_held_goods_are_neither_merged_nor_packed(stocked: Plant) -> None:
    lot = await product(stocked)
    await hold(stocked, lot)
    with refused(stocked.engine, "LOT-003"):
        await reshape(stocked, merging(stocked, "X", lot, "B-1"))
    with refused(stocked.engine, "LOT-003"):
        await reshape(stocked, repacking(stocked, lot, 20, "X", 1))


def serials(plant: Plant, lot: str, *numbers: str) -> None:
    from models.lot.store import lots
    from models.stock.tables import SerialUnit

    with act(plant.engine, SETUP) as session:
        row = lots.get(session, lot)
        for number in numbers:
            session.add(SerialUnit(serial_no=number, item_id=row.item_id, lot_id=row.id))


def units(plant: Plant, lot: str) -> list[str]:
    query = "select array_agg(u.serial_no order by u.serial_no) from serial_unit u join lot l on l.id = u.lot_id where l.lot_no = :lot"
    return plant.scalar(query, lot=lot) or []


async def test_units_with_numbers_go_by_number(stocked: Plant) -> None:
    lot = await product(stocked, 4)
    serials(stocked, lot, *(f"{lot}-SN{n}" for n in range(4)))
    sn = [f"{lot}-SN{n}" for n in range(4)]
    for code, parts in (
        ("RSH-007", [new(f"{lot}-A", 2)]),
        ("RSH-007", [new(f"{lot}-A", 2, sn[0])]),
        ("UNI-005", [new(f"{lot}-A", "1.5", sn[0])]),
        ("RSH-008", [new(f"{lot}-A", 1, "SN-别的批次")]),
        ("RSH-009", [new(f"{lot}-A", 2, sn[0], sn[0])]),
        ("RSH-009", [new(f"{lot}-A", 1, sn[0]), new(f"{lot}-B", 1, sn[0])]),
    ):
        with refused(stocked.engine, code):
            await reshape(stocked, splitting(stocked, lot, *parts))
    with refused(stocked.engine, "RSH-007"):
        await reshape(stocked, repacking(stocked, lot, 2, f"{lot}-BX", 1))
    await reshape(stocked, splitting(stocked, lot, new(f"{lot}-A", 1, sn[0]), new(f"{lot}-B", 2, sn[1], sn[3])))
    assert [units(stocked, one) for one in (lot, f"{lot}-A", f"{lot}-B")] == [[sn[2]], [sn[0]], [sn[1], sn[3]]]
    await reshape(stocked, repacking(stocked, f"{lot}-B", 2, f"{lot}-BX", 1, serials=(sn[1], sn[3])))
    await reshape(stocked, merging(stocked, f"{lot}-M", lot, f"{lot}-A"))
    assert [units(stocked, one) for one in (f"{lot}-M", f"{lot}-BX")] == [[sn[0], sn[2]], [sn[1], sn[3]]]
    # a scanned unit leads to the lot that it is in now, and from there to all that it was in
    found = answer(stocked, sn[3], Direction.BACKWARD)
    assert {node.lot_no for node in found.nodes} == {f"{lot}-BX", f"{lot}-B", lot, "R-1"}


async def test_one_number_is_in_one_lot_of_its_item(stocked: Plant) -> None:
    lots = [await product(stocked, 1) for _ in range(2)]
    serials(stocked, lots[0], "SN-DOUBLE")
    with pytest.raises(Refusal, match="API-900"):
        serials(stocked, lots[1], "SN-DOUBLE")


async def test_a_recall_holds_its_lots_into_whatever_they_are_split(stocked: Plant) -> None:
    """And lets go of all of them at once."""
    lot = await product(stocked)
    recall = Recalling(stocked, f"RC-{lot}")
    await recall.open(lot)
    await recall.freeze()
    await recall.do("hold_all", "sun.zhao")
    await reshape(stocked, splitting(stocked, lot, new(f"{lot}-A", 80)))
    await reshape(stocked, splitting(stocked, f"{lot}-A", new(f"{lot}-AA", 8)))
    for one in (lot, f"{lot}-A", f"{lot}-AA"):
        with refused(stocked.engine, "LOT-003"):
            await stocked.ship(f"S-{one}", one, 1)
    await recall.do("notify", "sun.zhao")
    await recall.do("follow_up", "sun.zhao", "expand", reason="再查一遍", form={"identifiers": lot})
    held = "select count(*) from hold h join lot l on l.id = h.lot_id where l.lot_no like :lots and h.lifted_at is null"
    assert stocked.scalar(held, lots=f"{lot}%") == 3
    await recall.withdraw()
    assert stocked.scalar(held, lots=f"{lot}%") == 0
