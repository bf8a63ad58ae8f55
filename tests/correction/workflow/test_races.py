"""Two people correct the same link at the same instant, or correct it while others ship, sign or consume.

Issue "recall"; REQUIREMENTS 21.  In depth fifty of each, straight at PostgreSQL, in threads of their own.
"""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from itertools import count
from uuid import uuid4

import pytest
import pytest_asyncio

from models.order.messages.order import CreateWorkOrder
from models.order.messages.routing import PlannedStep
from models.shipment.messages import Ship, ShipLine
from runtime.postgres import Postgres
from tests.support.often import often
from tests.support.plant.correcting import correcting, used, whole
from tests.support.plant.direct import at_once, direct, do, meet
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import in_stock
from tests.support.servers.database import TestDatabase, copy_template, drop
from tests.support.servers.together import orders

NUMBERS = count(1)
STEPS = tuple(PlannedStep(seq=seq, code=f"S{seq}", title_zh="工序", title_en="Step") for seq in (10, 20))


@pytest.fixture(scope="module")
def race_database(database_template: Postgres, furnished_template: str) -> Iterator[TestDatabase]:
    made = copy_template(database_template, furnished_template)
    yield made
    drop(database_template, made)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(race_database: TestDatabase) -> AsyncIterator[Plant]:
    """A plant without Temporal."""
    made = direct(race_database.engine)
    for lot in ("R-1", "R-2", "R-3"):
        await made.material(lot, 10_000)
    yield made


def batch(plant: Plant, material: str = "R-1", quantity: int = 10) -> str:
    """A batch whose first operation has consumed that."""
    lot = f"K-{next(NUMBERS)}"
    command = CreateWorkOrder(
        command_id=str(uuid4()),
        by=plant.by("zhao.liu"),
        work_order_no=f"WO-{lot}",
        lot_no=lot,
        item_no="HIP-12",
        quantity=Decimal(10),
        location="LINE-2",
        steps=STEPS,
        expires_on="2031-10",
    )
    do(plant.engine, "create_work_order", command)
    consumes = ({"lot_no": material, "quantity": quantity},)
    do(plant.engine, "record_operation", plant.operation(lot, 10, consumes=consumes))
    return lot


@pytest.mark.slow
async def test_two_people_correct_the_same_link_again_and_again(desk: Plant) -> None:
    there = [in_stock(desk, lot) for lot in ("R-1", "R-2", "R-3")]
    won = {"R-2": 0, "R-3": 0}
    lot = ""
    for first in orders(often(3, 50)):
        lot = batch(desk)
        acts = [
            ("correct_link", correcting(desk, lot, "R-1", used(right, 10), login=login))
            for right, login in (("R-2", "wang.cao"), ("R-3", "wu.jingli"))
        ]
        done, denied = meet(desk, "R-1", first, *acts)
        assert (len(done), [one.code for one in denied]) == (1, ["LNK-003"])
        assert first is None or done[0].data["lots"][0]["lot_no"] == ("R-2", "R-3")[first]
        assert ("王操" in denied[0].zh) is (done[0].data["lots"][0]["lot_no"] == "R-2")
        won[done[0].data["lots"][0]["lot_no"]] += 1
    assert [in_stock(desk, one) for one in ("R-1", "R-2", "R-3")] == [
        there[0],
        there[1] - 10 * won["R-2"],
        there[2] - 10 * won["R-3"],
    ]
    whole(desk, lot, "R-1", "R-2", "R-3")


@pytest.mark.slow
async def test_corrections_in_opposite_directions_meet_again_and_again(desk: Plant) -> None:
    """A takes from one lot what B gives back to it: neither waits for the other in a circle, and both hold."""
    for _ in range(often(2, 50)):
        one, other = batch(desk, "R-1"), batch(desk, "R-2")
        done, denied = at_once(
            desk,
            ("correct_link", correcting(desk, one, "R-1", used("R-2", 10))),
            ("correct_link", correcting(desk, other, "R-2", used("R-1", 10))),
        )
        assert (len(done), denied) == (2, [])
    whole(desk, "R-1", "R-2")


@pytest.mark.slow
async def test_a_correction_and_a_shipment_meet_again_and_again_and_nothing_leaves_after_it(desk: Plant) -> None:
    await desk.make("K-OUT", "R-1", 500)
    await desk.release("K-OUT")
    wrong, right = "R-1", "R-2"
    for first in orders(often(3, 50)):
        ship = Ship(
            command_id=str(uuid4()),
            by=desk.by("li.cang"),
            shipment_no=f"CORRECT-{next(NUMBERS)}",
            customer_no="C-1",
            lines=(ShipLine(lot_no="K-OUT", quantity=Decimal(1)),),
        )
        acts = (("correct_link", correcting(desk, "K-OUT", wrong, used(right, 500))), ("ship", ship))
        _, denied = meet(desk, "K-OUT", first, *acts)
        seen: tuple[list[str], ...] = (["LOT-003"], [])
        assert [one.code for one in denied] in (seen if first is None else (seen[first],))
        # what was done to the batch is in the trail in its order: no movement behind the hold
        order = desk.scalar(
            "select array_agg(e.table_name order by e.id) from audit_event e join lot l on l.id = e.lot_id"
            " where l.lot_no = 'K-OUT' and e.operation = 'insert' and e.table_name in ('hold', 'stock_movement')"
            " and e.id > (select coalesce(max(a.id), 0) from audit_event a where a.table_name = 'hold'"
            "              and a.operation = 'update')"
        )
        assert order[-1] == "hold"
        lift(desk, "K-OUT")
        wrong, right = right, wrong
    whole(desk, "K-OUT", "R-1", "R-2")


def lift(plant: Plant, lot: str) -> None:
    hold = plant.scalar(
        "select h.public_id from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot and h.lifted_at is null",
        lot=lot,
    )
    do(plant.engine, "lift_hold", plant.lifting(hold, reason="x"))


@pytest.mark.slow
async def test_a_correction_and_a_signature_meet_and_nobody_signs_what_they_did_not_see(desk: Plant) -> None:
    """The signature first: the batch is held.  The correction first: the signature is refused."""
    for number, first in enumerate(orders(often(3, 12))):
        lot = f"K-S{number}"
        await desk.make(lot, "R-1", 10)
        sign = desk.completion(desk.task(lot, "review"), desk.by("zhou.shen"), "release")
        acts = (("correct_link", correcting(desk, lot, "R-1", used("R-3", 10))), ("complete_task", sign))
        done, denied = meet(desk, lot, first, *acts)
        seen: tuple[list[str], ...] = (["SIG-004"], [])
        assert [one.code for one in denied] in (seen if first is None else (seen[first],))
        held = next(one.data["held"] for one in done if one.act == "correct_link")
        assert held == ([] if denied else [lot])


@pytest.mark.slow
async def test_two_corrections_never_close_a_loop(desk: Plant) -> None:
    """A goes into B and B into A, each true by itself: one of them is refused."""
    await desk.make("K-A", "R-1", 100)
    await desk.make("K-B", "R-1", 100)
    for lot in ("K-A", "K-B"):
        await desk.release(lot)
    done, denied = at_once(
        desk,
        ("correct_link", correcting(desk, "K-A", "R-1", used("R-1", 90), used("K-B", 1))),
        ("correct_link", correcting(desk, "K-B", "R-1", used("R-1", 90), used("K-A", 1))),
    )
    assert (len(done), [one.code for one in denied]) == (1, ["LNK-007"])
