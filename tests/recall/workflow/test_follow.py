"""Checks, returns and reports on the real server: updates while the recall runs, short workflows after its end."""

import asyncio
from itertools import count
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus

from models.kernel.refusal import Refusal
from tests.support import stock
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import Recalling, ship_to_everybody
from tests.support.record import refused

numbers = count(1)


@pytest.fixture
async def recall(plant: Plant) -> Recalling:
    """A recall of which the hospital and 19 others were told."""
    n, desk = next(numbers), stock.at_record(plant)
    await desk.material(f"RQ-{n}", 100)
    await desk.make(f"HQ-{n}", f"RQ-{n}", 50)
    await desk.release(f"HQ-{n}")
    await desk.ship(f"SQ-{n}", f"HQ-{n}", 10)
    stock.handed_on(plant.engine)
    if n == 1:
        ship_to_everybody(plant, "HQ-1", 19, 1)
    made = Recalling(plant, f"RC-2026-{n:03d}")
    await made.open(f"HQ-{n}")
    await made.to_customers()
    return made


async def test_checks_are_drawn_asked_and_outlived_by_returns_and_the_summary(recall: Recalling, plant: Plant) -> None:
    done = await recall.draw("c")
    assert done.data["drawn"] == 2
    rows = recall.checks().rows
    await recall.check(rows[0], reached=False)
    answers = await asyncio.gather(*(recall.check(row) for row in rows))
    assert max(one.data["done"] for one in answers) == 2
    await recall.book("HQ-1", "10")
    with refused(plant.engine, "RCR-003"):
        await recall.book("HQ-1", "1")
    await recall.dispose(recall.returns()[0], "scrap", "10")
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.decide()
    await recall.do("close", "wu.jingli", "close", signed=True, reason="19 家约定退回")
    handle = plant.client.get_workflow_handle(f"recall/{recall.number}")
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING, "its reports are due still"
    with refused(plant.engine, "RCL-013"):
        await recall.check(rows[0])
    await recall.book("HQ-1", "1", "C-2")
    assert (await recall.file("summary")).data["met"] == ["cn.recall.summary"]


async def test_the_same_return_twice_is_booked_once(recall: Recalling) -> None:
    lot, key = f"HQ-{recall.number[-1]}", str(uuid4())
    first = await recall.book(lot, "4", command_id=key)
    again = await recall.book(lot, "4", command_id=key)
    assert again.data["returns"] == first.data["returns"]
    assert len(recall.returns()) == 1


async def test_two_people_booking_the_last_units_at_once_book_them_once(recall: Recalling, plant: Plant) -> None:
    lot = f"HQ-{recall.number[-1]}"
    outcomes = await asyncio.gather(*(recall.book(lot, "7") for _ in range(4)), return_exceptions=True)
    refusals = [one.code for one in outcomes if isinstance(one, Refusal)]
    assert refusals == ["RCR-003"] * 3
    assert (
        plant.scalar(
            "select sum(r.quantity) from recall_return r join lot l on l.id = r.lot_id where l.lot_no = :lot", lot=lot
        )
        == 7
    )
