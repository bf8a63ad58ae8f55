"""What was measured in another unit is booked in the lot's own, whole, and told as it was measured (DESIGN 9)."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from models.kernel.store.act import act, reading
from models.shipment.messages import Ship, ShipLine
from models.trace.rules.trace import Direction
from models.trace.store import trace
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import refused


def fact(plant: Plant, lot_no: str, name: str) -> Any:
    return plant.scalar(
        "select f.data from lot_fact f join lot l on l.id = f.lot_id where l.lot_no = :lot and f.fact = :fact"
        " order by f.id desc limit 1",
        lot=lot_no,
        fact=name,
    )


def in_stock(plant: Plant, lot_no: str) -> Decimal:
    return Decimal(
        plant.scalar(
            "select coalesce(sum(k.quantity), 0) from stock k join lot l on l.id = k.lot_id where l.lot_no = :lot",
            lot=lot_no,
        )
    )


async def rods(plant: Plant, lot_no: str, quantity: str, uom: str | None) -> None:
    """Material that is kept in metres."""
    with act(plant.engine, SETUP) as session:
        session.connection().execute(text("update item set uom = 'm' where item_no = 'PEEK-20'"))
    await plant.receive(lot_no, Decimal(quantity), uom=uom)  # type: ignore[arg-type]
    await plant.measure(lot_no)
    await plant.complete(lot_no, "inspect", "lin.jian", "accepted")
    await plant.complete(lot_no, "putaway", "li.cang", signed=False, form={"location": "RM-A1"})


async def use(plant: Plant, lot_no: str, material: str, quantity: str, uom: str | None) -> None:
    consumes = ({"lot_no": material, "quantity": quantity, "uom": uom},)
    await plant.door.record_operation(
        plant.client, lot_no, plant.operation(lot_no, 10, equipment=("M-07",), consumes=consumes)
    )


async def test_rods_come_in_feet_and_are_cut_in_millimetres(desk: Plant) -> None:
    await rods(desk, "U-ROD", "10", "ft")
    assert in_stock(desk, "U-ROD") == Decimal("3.048")
    assert fact(desk, "U-ROD", "lot.received") | {"told": "10 ft", "uom": "m"} == fact(desk, "U-ROD", "lot.received")
    await desk.order("U-STEM", 50)
    await use(desk, "U-STEM", "U-ROD", "500", "mm")
    assert in_stock(desk, "U-ROD") == Decimal("2.548")
    assert fact(desk, "U-ROD", "lot.consumed") == {"into": "U-STEM", "quantity": "0.5", "told": "500 mm"}
    with reading(desk.engine) as session:
        answer = trace.trace_identifier(session, "U-ROD", Direction.FORWARD)
    (edge,) = answer.edges
    assert (edge.quantity, edge.uom) == (Decimal("0.5"), "m")
    assert answer.balanced
    assert answer.complete


@pytest.mark.parametrize(
    ("quantity", "uom", "code"),
    [("500", "kg", "UNI-002"), ("1", "斤半", "UNI-001"), ("1", "nm", "UNI-003"), ("400000", "mm", "STK-001")],
)
async def test_what_cannot_be_booked_exactly_changes_nothing(desk: Plant, quantity: str, uom: str, code: str) -> None:
    material, made = f"U-R-{uom}", f"U-S-{uom}"
    await rods(desk, material, "10", None)
    await desk.order(made, 50)
    with refused(desk.engine, code):
        await use(desk, made, material, quantity, uom)
    assert in_stock(desk, material) == 10


async def test_a_dozen_is_shipped(desk: Plant) -> None:
    await rods(desk, "U-METRES", "90", None)
    await desk.make("U-SHIP", "U-METRES", 50)
    for stage, login in (("review", "zhou.shen"), ("approve", "chen.pi")):
        await desk.complete("U-SHIP", stage, login, "release")
    command = Ship(
        command_id=str(uuid4()),
        by=desk.by("li.cang"),
        shipment_no="SH-DOZEN",
        customer_no="C-1",
        lines=(
            ShipLine(lot_no="U-SHIP", quantity=Decimal(2), uom="打"),
            ShipLine(lot_no="U-SHIP", quantity=Decimal(1)),
        ),
    )
    await desk.door.ship(desk.client, command)
    assert in_stock(desk, "U-SHIP") == 25
    left = desk.scalar(
        "select sum(s.quantity) from shipment_line s join lot l on l.id = s.lot_id where l.lot_no = 'U-SHIP'"
    )
    assert left == 25
