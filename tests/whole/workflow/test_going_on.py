"""A batch lives longer than a history, a worker or a message: continue-as-new, restarts, the outbox.

DESIGN 6 and 7.5 (continue-as-new at stage boundaries, exactly once after it).
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.delivery import Delivery
from tests.process.workflow.test_deadlines import forward
from tests.support import histories
from tests.support.plant.plant import Plant, furnish, polling, working
from tests.support.servers import temporal
from tests.support.servers.database import TestDatabase
from tests.support.servers.until import born, until, until_async
from workflows.temporal.start import ensure_outbox

EVENTS = 25
"""Events after which this server suggests a new history; others do after 4,096."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def impatient() -> AsyncIterator[WorkflowEnvironment]:
    """A server that wants short histories."""
    env = await temporal.start_time_skipping(f"limit.historyCount.suggestContinueAsNew={EVENTS}")
    with env.with_time_skipping_disabled():
        yield env
    await env.shutdown()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def brief(furnished_database: TestDatabase, impatient: WorkflowEnvironment) -> AsyncIterator[Plant]:
    """A plant whose batches begin new histories all the time; each of them replays."""
    async with working(furnished_database.engine, impatient.client) as made:
        yield made
        written = await histories.fetch_all(impatient.client, set())
        await histories.end_all(impatient.client)
    assert [why for one in written for why in histories.failed_tasks(one)] == []
    await histories.replay(histories.unlike(written))


async def runs_of(client: Client, workflow_id: str) -> int:
    """How many histories a workflow has had."""
    return len([one async for one in client.list_workflows(f"WorkflowId = '{workflow_id}'")])


async def test_a_batch_goes_on_in_new_histories(brief: Plant) -> None:
    await brief.material("C-M", 100)
    await brief.make("C-1", "C-M", 50)
    task = brief.task("C-1", "review")
    command = brief.completion(task, brief.by("zhou.shen"), "release")
    first = await brief.door.complete_task(brief.client, brief.workflow_of(task), command)
    # back and forth until the release itself has begun a new history
    for _ in range(3):
        await brief.complete("C-1", "approve", "chen.pi", "review_again", reason="再核对")
        await brief.complete("C-1", "review", "zhou.shen", "release")
    await until_async(lambda: runs_of_more_than_one(brief.client, "release/C-1/1"))
    # the server has forgotten the update's id; state and record haven't
    again = await brief.door.complete_task(brief.client, brief.workflow_of(task), command)
    assert again == first
    await brief.complete("C-1", "approve", "chen.pi", "release")
    await brief.complete("C-1", "putaway", "li.cang", signed=False, form={"location": "FG-A1"})
    assert brief.status("C-1") == "released"
    assert await runs_of(brief.client, "lot/C-1") > 1
    await brief.ship("SH-C-1", "C-1", 50)
    while await Delivery(brief.engine, brief.client).deliver_once():
        pass
    result = await brief.client.get_workflow_handle("lot/C-1").result()
    assert result["result"] == "closed"
    definitions = brief.scalar("select count(distinct definition_id) from process_run where workflow_id = 'lot/C-1'")
    assert definitions == 1


async def runs_of_more_than_one(client: Client, workflow_id: str) -> bool:
    return await runs_of(client, workflow_id) > 1


async def test_a_deadline_survives_a_new_history(brief: Plant, impatient: WorkflowEnvironment) -> None:
    await brief.make("C-2", "C-M", 10)
    await brief.complete("C-2", "review", "zhou.shen", "release")
    for _ in range(3):
        await brief.complete("C-2", "approve", "chen.pi", "review_again", reason="再核对")
        await brief.complete("C-2", "review", "zhou.shen", "release")
    await until_async(lambda: runs_of_more_than_one(brief.client, "release/C-2/1"))
    await forward(impatient, brief, "release/C-2/1", timedelta(hours=8, minutes=5))
    await until(lambda: brief.task("C-2", "approve").escalation_level == 1)
    await brief.complete("C-2", "approve", "chen.pi", "release")
    assert brief.status("C-2") == "released"


async def test_a_worker_is_replaced_in_the_middle(
    fresh_database: TestDatabase, temporal_env: WorkflowEnvironment, seen_runs: set[str]
) -> None:
    """Nothing is asked of a worker but that one is there: a person's act waits for the next one."""
    client = temporal_env.client
    furnish(fresh_database.engine)
    plant = Plant(fresh_database.engine, client)
    with temporal_env.with_time_skipping_disabled():
        async with polling(plant.engine, client):
            await plant.receive("W-1", 50)
            await born(client, "inspection/W-1/1")
        # nobody polls now; the act is sent all the same
        measuring = asyncio.create_task(plant.measure("W-1"))
        await until_async(lambda: waiting(client, "inspection/W-1/1"))
        assert not measuring.done()
        async with polling(plant.engine, client):
            await measuring
            await plant.complete("W-1", "inspect", "lin.jian", "accepted")
        async with polling(plant.engine, client):
            await plant.complete("W-1", "putaway", "li.cang", signed=False, form={"location": "RM-A1"})
    assert plant.status("W-1") == "released"
    assert plant.scalar("select count(*) from inspection_result") == 6
    written = await histories.fetch_all(client, seen_runs)
    await histories.end_all(client)
    await histories.replay(histories.unlike(written))


async def waiting(client: Client, workflow_id: str) -> bool:
    """A workflow task that no worker takes."""
    raw = (await client.get_workflow_handle(workflow_id).describe()).raw_description
    return raw.HasField("pending_workflow_task")


async def test_the_dispatcher_tells_every_batch_once(brief: Plant) -> None:
    """Two dispatchers at the same time share the work; what is delivered is not delivered again."""
    await brief.material("O-M", 20)
    for number in range(4):
        await brief.material(f"O-{number}", 5)
        await brief.ship(f"SH-O-{number}", f"O-{number}", 5)
    waiting_rows = brief.scalar("select count(*) from outbox where delivered_at is null")
    two = [Delivery(brief.engine, brief.client) for _ in range(2)]
    delivered = await asyncio.gather(*(one.deliver_once() for one in two))
    assert sum(delivered) == waiting_rows >= 4
    assert brief.scalar("select max(attempts) from outbox") == 1
    assert await two[0].deliver_once() == 0
    for number in range(4):
        await brief.client.get_workflow_handle(f"lot/O-{number}").result()


async def test_the_outbox_workflow_delivers_by_itself(brief: Plant) -> None:
    await ensure_outbox(brief.client)
    await ensure_outbox(brief.client)  # a second start is harmless
    await brief.material("O-LAST", 5)
    await brief.ship("SH-O-LAST", "O-LAST", 5)
    result = await brief.client.get_workflow_handle("lot/O-LAST").result()
    assert result["result"] == "closed"
    await until(lambda: brief.scalar("select count(*) from outbox where delivered_at is null") == 0)
    assert await runs_of(brief.client, "outbox") == 1
