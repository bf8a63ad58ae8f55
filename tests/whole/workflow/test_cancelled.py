"""A workflow that somebody cancels or terminates in the engine ends no process of the record (21 CFR 11.10(e), (g); DESIGN 2.1).

Whoever reaches Temporal can do that to any, without a name or a reason; a process ends by an act, and that is in the record.
"""

from typing import Any

import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from activities.delivery import Delivery
from api.process.lost_workflow import record_of
from models.process.messages.process import ProcessStart
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import Recalling
from tests.support.servers.until import born, until, until_async
from workflows.temporal.queues import QUALITY


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def material(plant: Plant) -> None:
    """What the batches are made of."""
    await plant.material("L-M", 1000)


async def deliver(plant: Plant) -> None:
    """The dispatcher's turn."""
    while await Delivery(plant.engine, plant.client).deliver_once():
        pass


async def ends(plant: Plant, workflow_id: str, result: str) -> None:
    answer = await plant.client.get_workflow_handle(workflow_id).result()
    assert answer["result"] == result


def facts(plant: Plant, lot: str, fact: str) -> int:
    asked = "select count(*) from lot_fact f join lot l on l.id = f.lot_id where l.lot_no = :lot and f.fact = :fact"
    return int(plant.scalar(asked, lot=lot, fact=fact))


ENDED = (
    "select count(*) from process_run r join lot l on l.id = r.lot_id where l.lot_no = :lot and r.status = 'cancelled'"
)


async def cancelled(plant: Plant, lot: str, workflow_id: str) -> WorkflowHandle[Any, Any]:
    """Somebody who reaches the engine cancels a workflow; it has read that."""
    await born(plant.client, workflow_id)
    handle = plant.client.get_workflow_handle(workflow_id)
    before = facts(plant, lot, "process.not_cancelled")
    await handle.cancel()
    await until(lambda: facts(plant, lot, "process.not_cancelled") > before)
    return handle


async def test_a_batch_that_is_cancelled_in_the_engine_goes_on(plant: Plant) -> None:
    """No act of the record has ended it, so nobody has: nobody is named and no reason is given (21 CFR 11.10(e))."""
    await plant.make("L-STOP", "L-M", 50)
    handle = await cancelled(plant, "L-STOP", "lot/L-STOP")
    assert [one.stage for one in plant.tasks("L-STOP")] == ["review"]
    await plant.release("L-STOP")
    assert (plant.status("L-STOP"), plant.scalar(ENDED, lot="L-STOP")) == ("released", 0)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    await plant.ship("SH-L-STOP", "L-STOP", 50)
    await deliver(plant)
    await ends(plant, "lot/L-STOP", "closed")


async def test_a_signature_counts_on_in_a_release_that_is_cancelled_in_the_engine(plant: Plant) -> None:
    await plant.make("L-REDO", "L-M", 50)
    await plant.complete("L-REDO", "review", "zhou.shen", "release")
    await cancelled(plant, "L-REDO", "release/L-REDO/1")
    assert [one.stage for one in plant.tasks("L-REDO")] == ["approve"]
    await plant.complete("L-REDO", "approve", "chen.pi", "release")
    assert (plant.status("L-REDO"), plant.scalar(ENDED, lot="L-REDO")) == ("released", 0)
    await ends(plant, "release/L-REDO/1", "released")


async def test_the_release_of_a_batch_that_was_terminated_goes_on(plant: Plant) -> None:
    """The server cancels the subprocesses of what is terminated; the record has ended none of them."""
    await plant.make("L-END", "L-M", 50)
    await plant.complete("L-END", "review", "zhou.shen", "release")
    await born(plant.client, "release/L-END/1")
    await plant.client.get_workflow_handle("lot/L-END").terminate("by hand")
    await until(lambda: facts(plant, "L-END", "process.not_cancelled"))
    await plant.complete("L-END", "approve", "chen.pi", "release")
    assert (plant.status("L-END"), plant.scalar(ENDED, lot="L-END")) == ("released", 0)
    await ends(plant, "release/L-END/1", "released")


async def test_whoever_asks_the_worker_to_cancel_a_run_ends_none(plant: Plant) -> None:
    """A workflow of one's own that bears somebody else's run: cancelled, it asks the record, which says no."""
    await plant.make("L-OWN", "L-M", 50)
    run = (await record_of(plant.engine).running("release/L-OWN/1")).children[0].run  # type: ignore[union-attr]
    forged = ProcessStart(workflow_id="mine", lot_no="L-OWN", run=run)
    handle = await plant.client.start_workflow("Release", forged, id="mine", task_queue=QUALITY)
    await cancelled(plant, "L-OWN", handle.id)
    assert plant.scalar(ENDED, lot="L-OWN") == 0
    await plant.release("L-OWN")
    assert plant.status("L-OWN") == "released"
    await handle.terminate("done")


async def test_a_process_that_the_record_ends_ends_though_it_was_cancelled_before_in_vain(plant: Plant) -> None:
    """The server takes one request to cancel; the record's own comes second."""
    await plant.material("L-VAIN", 100)
    await plant.make("L-DUTY", "L-VAIN", 30)
    recall = Recalling(plant, "RC-L-VAIN")
    await recall.open("L-VAIN")
    await recall.freeze()
    await recall.do("hold_all", "sun.zhao")
    await deliver(plant)
    errand = "pull/RC-L-VAIN/1"
    await born(plant.client, errand)
    handle = plant.client.get_workflow_handle(errand)
    await handle.cancel()
    asked = "select count(*) from applied where receipt ->> 'act' = 'cancel' and activity_key like :key"
    await until(lambda: plant.scalar(asked, key=f"{errand}:%"))
    await recall.do("notify", "sun.zhao")
    await recall.do("follow_up", "sun.zhao", "expand", reason="误报", form={"identifiers": "L-DUTY"})
    await recall.withdraw()
    await deliver(plant)

    async def over() -> bool:
        return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING

    await until_async(over)
    waiting = "select count(*) from outbox where fact = 'process.cancelled' and delivered_at is null"
    assert plant.scalar(waiting) == 0
