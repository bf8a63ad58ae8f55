"""Consumption is held against the bill that the order froze, not against the item's of today (REQ 25, 58, 61)."""

from decimal import Decimal
from itertools import count
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import select

from models.item.tables import BomLine, Item
from models.kernel.store.act import act, now, reading
from models.lot.store import lots
from models.order.messages.routing import BillLine, PlannedStep
from models.release.rules import evidence
from models.release.store import batch_record
from tests.support.plant.correcting import correcting, used
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.reshaping import new, repacking, splitting

NUMBERS = count(1)
TURN = PlannedStep(seq=10, code="TURN", title_zh="车削", title_en="Turn")
BILL = (BillLine(item_no="PEEK-20", quantity=Decimal(2)), BillLine(item_no="GLUE", quantity=Decimal(1), optional=True))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    """OB-R is PEEK; the item itself has no bill."""
    with act(desk.engine, SETUP) as session:
        session.add(Item(item_no="GLUE", name="胶", kind="raw"))
    await desk.material("OB-R", 9000)
    await desk.material("OB-S", 9000)
    return desk


async def turned(plant: Plant, *consumes: dict[str, Any], quantity: int = 10, bill: Any = BILL) -> str:
    lot = f"OB-{next(NUMBERS)}"
    await plant.order(lot, quantity, steps=(TURN,), bill=bill)
    do(plant.engine, "record_operation", plant.operation(lot, 10, produced=quantity, consumes=consumes))
    return lot


def off(plant: Plant, lot_no: str) -> list[tuple[str, str]]:
    """What the balance of materials finds: value and limit."""
    with reading(plant.engine) as session:
        found = evidence.assess(batch_record.build(session, lots.get(session, lot_no)), now(session))
    return [(one.value, one.limit) for one in found.exceptions if one.code == "EV-BALANCE-4"]


@pytest.mark.parametrize(
    ("quantity", "said"),
    [(20, []), (19, [("-1 pcs", "20 pcs")]), (21, [("1 pcs", "20 pcs")]), (500, [("480 pcs", "20 pcs")])],
)
async def test_what_the_orders_own_bill_takes_is_what_must_have_gone_in(
    shop: Plant, quantity: int, said: list[tuple[str, str]]
) -> None:
    assert off(shop, await turned(shop, {"lot_no": "OB-R", "quantity": quantity})) == said


async def test_a_loss_is_found_over_several_lots_packs_and_corrections(shop: Plant) -> None:
    do(shop.engine, "reshape", splitting(shop, "OB-R", new("OB-P", 100)))
    boxed = repacking(shop, "OB-P", 100, "OB-BOX", 5, "box")
    do(shop.engine, "reshape", boxed)
    whole = await turned(shop, {"lot_no": "OB-R", "quantity": 12}, {"lot_no": "OB-S", "quantity": 8})
    short = await turned(shop, {"lot_no": "OB-R", "quantity": 12}, {"lot_no": "OB-S", "quantity": 7})
    of_box = await turned(shop, {"lot_no": "OB-BOX", "quantity": 1})
    more = await turned(shop, {"lot_no": "OB-BOX", "quantity": 21, "uom": "pcs"})
    assert [off(shop, one) for one in (whole, short, of_box, more)] == [
        [],
        [("-1 pcs", "20 pcs")],
        [],
        [("1 pcs", "20 pcs")],
    ]
    do(shop.engine, "correct_link", correcting(shop, whole, "OB-S", used("OB-S", 6)))
    assert off(shop, whole) == [("-2 pcs", "20 pcs")]


async def test_a_bill_that_changes_later_changes_nothing_of_an_order(shop: Plant) -> None:
    with act(shop.engine, SETUP) as session:
        ids = {
            one: session.exec(select(Item.id).where(Item.item_no == one)).one() for one in ("HIP-12", "PEEK-20", "GLUE")
        }
        session.add(BomLine(item_id=ids["HIP-12"], component_id=ids["PEEK-20"], quantity=Decimal(3)))
    by_item = await turned(shop, {"lot_no": "OB-R", "quantity": 30}, bill=None)
    by_order = await turned(shop, {"lot_no": "OB-R", "quantity": 20})
    assert [off(shop, one) for one in (by_item, by_order)] == [[], []]
    with act(shop.engine, SETUP) as session:
        session.add(BomLine(item_id=ids["HIP-12"], component_id=ids["GLUE"], quantity=Decimal(1)))
    assert [off(shop, one) for one in (by_item, by_order)] == [[], []]
