"""No act that gives a number ever stores a whole label: it is refused, or read where the field reads scans (REQ 19; ID-030, ID-032)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.order.messages.order import CreateWorkOrder
from models.packing.messages import PackUnit
from models.plant.store import left_to_decide
from models.production.messages import RecordOperation
from models.recall.messages.begin import OpenRecall
from models.receipt.messages import ReceiveLot
from models.reshape.messages import MergeLots, NewLot, ProposeDisposition, RepackLot, SplitLot
from models.shipment.messages import Ship, ShipLine
from models.stock.messages import RegisterSerials
from tests.support.plant.direct import do
from tests.support.plant.packing import some, sscc
from tests.support.plant.plant import STEPS, Plant

Door = Callable[[Plant, str], tuple[str, Any]]
LABELS = ["]C1010690123456789210PL-77", "(01)06901234567892(17)311231(10)PL-77", "+A123PRODUCT11/$PL-77A", "LOT:PL-77", "批号：PL-77", "*PL-77*", "https://id.gs1.org/01/06901234567892/10/PL-77", "urn:epc:class:lgtin:6901234.056789.PL-77"]  # fmt: skip


def ask(plant: Plant, login: str, kind: Any, **said: Any) -> Any:
    return kind(command_id=str(uuid4()), by=plant.by(login), **said)


def received(plant: Plant, **said: Any) -> tuple[str, Any]:
    given = {"lot_no": f"R-{uuid4().hex[:6]}", "item_no": "PEEK-20", "quantity": Decimal(5), "location": "RCV-01"}
    return "receive_lot", ask(
        plant, "li.cang", ReceiveLot, **{**given, "supplier_no": "S-1", "supplier_lot_no": "S", **said}
    )


def ordered(plant: Plant, **said: Any) -> tuple[str, Any]:
    given = {
        "work_order_no": "WO-N",
        "lot_no": "N-1",
        "item_no": "HIP-12",
        "quantity": Decimal(5),
        "location": "LINE-2",
    }
    return "create_work_order", ask(
        plant, "zhao.liu", CreateWorkOrder, **{**given, "steps": STEPS, "expires_on": "2031-10", **said}
    )


def ran(plant: Plant, load: str) -> tuple[str, Any]:
    now = datetime.now(UTC)
    times = {"started_at": now - timedelta(minutes=9), "finished_at": now - timedelta(minutes=1)}
    more = {
        "work_order_no": "WO-OPEN",
        "seq": 10,
        "people": ("wang.cao",),
        "location": "CR-2",
        "load": load,
        "equipment": ("M-07",),
    }
    return "record_operation", ask(plant, "wang.cao", RecordOperation, **more, **times)


def reshaped(plant: Plant, kind: Any, login: str = "li.cang", **said: Any) -> tuple[str, Any]:
    return "reshape", ask(plant, login, kind, **{"lot_no": "H-1", "reason": "分装", **said})


DOORS: dict[str, Door] = {
    "receive": lambda plant, n: received(plant, lot_no=n),
    "order": lambda plant, n: ordered(plant, work_order_no=n),
    "order output": lambda plant, n: ordered(plant, lot_no=n),
    "load": ran,
    "split": lambda plant, n: reshaped(plant, SplitLot, parts=(NewLot(lot_no=n, quantity=Decimal(1)),)),
    "merge": lambda plant, n: ("reshape", ask(plant, "li.cang", MergeLots, lot_nos=("H-1", "H-2"), into=n, reason="合并")),
    "repack": lambda plant, n: reshaped(plant, RepackLot, quantity=Decimal(2), into=n, new_quantity=Decimal(1), new_uom="box"),
    "reject a part": lambda plant, n: reshaped(plant, ProposeDisposition, "zhou.shen", rejected=NewLot(lot_no=n, quantity=Decimal(1))),
    "serials": lambda plant, n: ("stock", ask(plant, "li.cang", RegisterSerials, lot_no="H-1", serials=(n,))),
    "unit": lambda plant, n: ("pack", ask(plant, "li.cang", PackUnit, unit_no=n, contents=(some("H-1", 1),), unit_kind="case", location="FG-A1")),
    "shipment": lambda plant, n: ("ship", ask(plant, "li.cang", Ship, shipment_no=n, customer_no="C-1", lines=(ShipLine(lot_no="H-1", quantity=Decimal(1)),))),
    "customer's order": lambda plant, n: ("ship", ask(plant, "li.cang", Ship, shipment_no="SH-N", order_no=n, customer_no="C-1", lines=(ShipLine(lot_no="H-1", quantity=Decimal(1)),))),
    "tracking": lambda plant, n: ("ship", ask(plant, "li.cang", Ship, shipment_no="SH-N", tracking_no=n, customer_no="C-1", lines=(ShipLine(lot_no="H-1", quantity=Decimal(1)),))),
    "recall": lambda plant, n: ("open_recall", ask(plant, "sun.zhao", OpenRecall, recall_no=n, mode="drill", identifiers=("H-1",), title="t", reason="r")),
}  # fmt: skip
"""Every act that gives a number, straight at the record: past the pages and the API, which read scans before."""


@pytest.fixture(scope="module")
async def plant(desk: Plant) -> Plant:
    for lot_no in ("H-1", "H-2"):
        await desk.material(f"R-{lot_no}")
        await desk.make(lot_no, f"R-{lot_no}")
        await desk.release(lot_no)
    await desk.order("OPEN")
    return desk


@pytest.mark.parametrize("door", [*DOORS])
async def test_no_act_that_gives_a_number_stores_a_whole_label(plant: Plant, door: str) -> None:
    for label in LABELS:
        if (door, label) == ("unit", "*PL-77*"):
            continue  # a code that holds nothing but the number of a unit is read
        with pytest.raises(Refusal) as caught:
            do(plant.engine, *DOORS[door](plant, label))
        assert caught.value.code in {"ID-032", "PCK-002"}, (label, caught.value)
    with reading(plant.engine) as session:
        assert left_to_decide.read(session).labels == ()


@pytest.mark.parametrize("label", [*LABELS[:2], *LABELS[3:]])
async def test_the_suppliers_lot_number_is_read_from_its_label(plant: Plant, label: str) -> None:
    name, command = received(plant, supplier_lot_no=label)
    do(plant.engine, name, command.model_copy(update={"expires_on": "2031-12-31", "label_reason": "看过实物"}))
    kept = plant.scalar("select supplier_lot_no from lot where lot_no = :lot", lot=command.lot_no)
    assert kept == "PL-77"


@pytest.mark.parametrize("writing", ["]C0RCV-01", "*RCV-01*", "rcv_01", "]C0rcv-01", " RCV 01"])
async def test_a_place_is_the_one_that_is_meant_at_every_act(plant: Plant, writing: str) -> None:
    name, command = received(plant, location=writing)
    do(plant.engine, name, command)
    where = "select p.code from stock s join lot l on l.id = s.lot_id join location p on p.id = s.location_id where l.lot_no = :lot"
    assert plant.scalar(where, lot=command.lot_no) == "RCV-01"


async def test_a_place_scanned_into_a_task_is_the_one_that_is_meant(plant: Plant) -> None:
    await plant.make("H-9", "R-H-1", 5)
    await plant.complete("H-9", "review", "zhou.shen", "release")
    await plant.complete("H-9", "approve", "chen.pi", "release")
    await plant.complete("H-9", "putaway", "li.cang", signed=False, form={"location": "*fg_a1*"})
    where = "select distinct p.code from stock s join lot l on l.id = s.lot_id join location p on p.id = s.location_id where l.lot_no = :lot and s.quantity > 0"
    assert plant.scalar(where, lot="H-9") == "FG-A1"


@pytest.mark.parametrize("writing", ["*{}*", "]C0{}"])
async def test_a_plain_code_of_a_unit_is_its_number(plant: Plant, writing: str) -> None:
    number = f"CASE-{len(writing)}"
    do(plant.engine, *DOORS["unit"](plant, writing.format(number)))
    assert plant.scalar("select count(*) from logistic_unit where unit_no = :n", n=number) == 1


@pytest.mark.parametrize("writing", ["(00){}", "]C100{}", "https://id.gs1.org/00/{}"])
async def test_a_pallets_label_is_its_sscc(plant: Plant, writing: str) -> None:
    number = sscc(900 + len(writing))
    do(plant.engine, *DOORS["unit"](plant, writing.format(number)))
    assert plant.scalar("select count(*) from logistic_unit where unit_no = :n", n=number) == 1
