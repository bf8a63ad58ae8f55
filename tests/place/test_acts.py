"""Goods lie where such goods may lie; what came back undecided leaves for nobody, and moving is an act of its own."""

from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from models.kernel.refusal import Refusal
from models.place import rules
from models.stock.messages import MoveStock
from tests.support.plant.direct import do
from tests.support.plant.packing import moving, packing, shipping, some, sscc
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import Recalling

NUMBERS = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plant(desk: Plant) -> Plant:
    await desk.material("R-1", 1000)
    await desk.make("H-1", "R-1", 50)
    await desk.release("H-1")
    return desk


def move(plant: Plant, lot_no: str, source: str, to: str, quantity: Any = None, reason: str = "整理") -> Any:
    command = MoveStock(
        command_id=str(uuid4()), by=plant.by("li.cang"), lot_no=lot_no, source=source, to=to, reason=reason,
        quantity=None if quantity is None else Decimal(quantity),
    )  # fmt: skip
    return do(plant.engine, "stock", command)


def refused(call: Any, *given: Any) -> str:
    with pytest.raises(Refusal) as no:
        call(*given)
    return no.value.code


def at(plant: Plant, lot: str, place: str) -> Any:
    query = (
        "select coalesce(sum(s.quantity), 0) from stock s join lot l on l.id = s.lot_id"
        " join location o on o.id = s.location_id where l.lot_no = :lot and o.code = :place"
    )
    return plant.scalar(query, lot=lot, place=place)


async def test_a_receipt_doesnt_go_onto_a_shelf_of_released_goods(plant: Plant) -> None:
    for place in ("FG-A1", "RM-A1", "RET-01", "NG-01"):
        with pytest.raises(Refusal, match="PLC-001"):
            await plant.receive(f"R-{place}", 5, location=place)


async def test_what_waits_stays_in_quarantine_until_it_is_released(plant: Plant) -> None:
    await plant.receive("R-WAIT", 10)
    assert refused(move, plant, "R-WAIT", "RCV-01", "FG-A1") == "PLC-001"
    move(plant, "R-WAIT", "RCV-01", "QA-01", 4)
    assert (at(plant, "R-WAIT", "RCV-01"), at(plant, "R-WAIT", "QA-01")) == (6, 4)
    await plant.measure("R-WAIT")
    await plant.complete("R-WAIT", "inspect", "lin.jian", "accepted")  # the release isn't refused because of a shelf
    move(plant, "R-WAIT", "QA-01", "RM-A1")
    with pytest.raises(Refusal, match="PLC-001"):
        await plant.complete("R-WAIT", "putaway", "li.cang", signed=False, form={"location": "RET-01"})
    await plant.complete("R-WAIT", "putaway", "li.cang", signed=False, form={"location": "RM-A1"})
    assert at(plant, "R-WAIT", "RM-A1") == 10


def test_a_move_says_why_and_how_much(plant: Plant) -> None:
    assert refused(move, plant, "H-1", "FG-A1", "FG-A1") == "PLC-004"
    assert refused(move, plant, "H-1", "FG-A1", "RM-A1", 1, " ") == "PLC-005"
    assert refused(move, plant, "H-1", "FG-A1", "RM-A1", 51) == "STK-001"
    assert refused(move, plant, "H-1", "FG-A1", "RM-A1", "0.5") == "UNI-005"
    assert refused(move, plant, "H-1", "FG-A1", "NG-01", 1) == "PLC-001"
    done = move(plant, "H-1", "FG-A1", "RM-A1", 2)
    assert (done.data["from"], done.data["into"], done.data["quantity"]) == ("FG-A1", "RM-A1", "2")
    move(plant, "H-1", "RM-A1", "FG-A1")


async def test_a_returned_undecided_unit_leaves_in_no_shipment_and_for_no_shelf(plant: Plant) -> None:
    await plant.ship("SH-1", "H-1", 30)
    recall = Recalling(plant, "RC-PLACES")
    await recall.open("H-1")
    await recall.to_customers()
    for place in ("FG-A1", "LINE-2"):
        with pytest.raises(Refusal, match="PLC-001"):
            await recall.book("H-1", "5", location=place)
    await recall.book("H-1", "5", location="RCV-01")
    await recall.book("H-1", "3", location="RET-01")
    for hold in plant.scalar(
        "select array_agg(h.public_id) from hold h join lot l on l.id = h.lot_id where l.lot_no = 'H-1' and h.lifted_at is null"
    ):
        for login in ("wu.jingli", "sun.zhao"):  # a recall's hold opens by two
            await plant.door.lift_hold(plant.client, plant.lifting(hold, login, reason="复检合格"))
    with pytest.raises(Refusal, match="PLC-002"):
        await plant.ship("SH-2", "H-1", 21)
    assert refused(move, plant, "H-1", "RCV-01", "FG-A1", 1) == "PLC-003"
    assert refused(move, plant, "H-1", "RET-01", "FG-A1", 1) == "PLC-003"
    case = sscc(88_001)
    do(plant.engine, "pack", packing(plant, case, some("H-1", 2), location="RET-01"))
    assert refused(do, plant.engine, "ship", shipping(plant, "SH-3", case)) == "PLC-002"
    assert refused(do, plant.engine, "pack", moving(plant, case, "FG-A1")) == "PLC-003"
    await plant.ship("SH-4", "H-1", 20)
    first, second = recall.returns()
    await recall.dispose(first, "restock", "5", "复检合格")
    move(plant, "H-1", "RCV-01", "FG-A1", 5)
    await plant.ship("SH-5", "H-1", 5)
    del second


def test_every_goods_has_a_place_to_lie() -> None:
    for goods in rules.Goods:
        assert rules.FITS[goods] >= {rules.PlaceKind.QUARANTINE, rules.PlaceKind.UNDECIDED}
    assert not rules.APART & rules.FITS[rules.Goods.RELEASED]
    assert rules.PlaceKind.STORAGE not in rules.FITS[rules.Goods.WAITING] | rules.FITS[rules.Goods.RETURNED]
