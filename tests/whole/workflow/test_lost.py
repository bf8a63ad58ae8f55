"""The engine loses what it knew (its file, a history): the record begins the processes again (DESIGN 2.1, 6)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from activities.delivery import Delivery
from api.process import acts
from api.process.acts import Desk, Signing
from api.process.lost_workflow import record_of
from models.kernel.refusal import Refusal
from models.process.messages.process import ProcessStart, Receipt
from tests.process.workflow.test_deadlines import forward
from tests.support import histories
from tests.support.plant.direct import direct
from tests.support.plant.plant import Plant, polling
from tests.support.servers.database import TestDatabase
from tests.support.servers.together import split
from tests.support.servers.until import until, until_async
from workflows.process.interpreter import LOOK_AGAIN
from workflows.temporal import start
from workflows.temporal.queues import QUALITY


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def paper(furnished_database: TestDatabase) -> Plant:
    """A plant whose batches are in the record and nowhere else."""
    made = direct(furnished_database.engine)
    await made.material("R-1", 5000)
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def found(paper: Plant, temporal_env: WorkflowEnvironment, seen_runs: set[str]) -> AsyncIterator[Plant]:
    """The same plant with an engine that has never heard of it."""
    client = temporal_env.client
    with temporal_env.with_time_skipping_disabled():
        async with polling(paper.engine, client):
            yield Plant(paper.engine, client)
            await histories.end_all(client)
    written = await histories.fetch_all(client, seen_runs)
    assert [why for one in written for why in histories.failed_tasks(one)] == []
    await histories.replay(histories.unlike(written))


async def delete(client: Client, *workflow_ids: str) -> None:
    """The server forgets a workflow, running or not."""

    async def run_of(workflow_id: str, run_id: str | None = None) -> str:
        """Its run, empty when the server knows none of it."""
        try:
            return (await client.get_workflow_handle(workflow_id, run_id=run_id).describe()).run_id
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return ""

    async def gone(workflow_id: str, run_id: str) -> bool:
        return not await run_of(workflow_id, run_id)

    runs: dict[str, str] = {}
    for workflow_id in workflow_ids:
        # a batch starts its subprocess after the act that led to it has been answered
        runs[workflow_id] = await until_async(partial(run_of, workflow_id), f"{workflow_id} is there")
        execution = WorkflowExecution(workflow_id=workflow_id, run_id=runs[workflow_id])
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
        await client.workflow_service.delete_workflow_execution(request)

    for workflow_id, run_id in runs.items():
        # that very run: who hears of it may have begun another under the same name by now
        await until_async(partial(gone, workflow_id, run_id), f"{workflow_id} is forgotten")


async def test_a_release_that_the_engine_has_never_heard_of_goes_on(paper: Plant, found: Plant) -> None:
    await paper.make("B-1", "R-1", 50)
    await found.complete("B-1", "review", "zhou.shen", "release")
    child = await found.client.get_workflow_handle("release/B-1/1").describe()
    assert child.parent_id == "lot/B-1"  # begun through its batch, as ever
    await found.complete("B-1", "approve", "chen.pi", "release")
    assert (await found.client.get_workflow_handle("release/B-1/1").result())["result"] == "released"
    # the batch has learned of it and goes on
    await found.complete("B-1", "putaway", "li.cang", signed=False, form={"location": "FG-A1"})
    await found.ship("SH-B-1", "B-1", 50)
    while await Delivery(found.engine, found.client).deliver_once():
        pass
    assert (await found.client.get_workflow_handle("lot/B-1").result())["result"] == "closed"


async def test_a_batch_in_production_goes_on(paper: Plant, found: Plant) -> None:
    await paper.order("B-2", 50)
    consumes = ({"lot_no": "R-1", "quantity": 50},)
    first = paper.operation("B-2", 10, equipment=("M-07",), consumes=consumes)
    await paper.door.record_operation(None, "B-2", first)
    reading = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
    last = found.operation("B-2", 20, environment=reading, produced=50, equipment=("W-03",))
    await found.door.record_operation(found.client, "B-2", last)
    await found.measure("B-2")
    await found.complete("B-2", "inspect", "lin.jian", "accepted")
    await found.pack("B-2", 50)
    await found.release("B-2")
    assert found.status("B-2") == "released"


async def test_measuring_finds_its_inspection(paper: Plant, found: Plant) -> None:
    await paper.receive("R-2")
    await found.measure("R-2")
    await found.complete("R-2", "inspect", "lin.jian", "accepted")
    assert found.status("R-2") == "released"


async def test_two_people_find_the_process_missing_at_the_same_instant(paper: Plant, found: Plant) -> None:
    await paper.make("B-3", "R-1", 5)
    await paper.complete("B-3", "review", "zhou.shen", "release")
    task = found.task("B-3", "approve")
    commands = [found.completion(task, found.by(who), "release") for who in ("chen.pi", "wu.jingli")]
    acting = (found.door.complete_task(found.client, "release/B-3/1", one) for one in commands)
    done, refused = split(list(await asyncio.gather(*acting, return_exceptions=True)))
    assert len(done) == 1
    assert [one.code for one in refused] in (["TASK-002"], ["PRC-410"])
    assert len([one async for one in found.client.list_workflows("WorkflowId = 'lot/B-3'")]) <= 1


async def test_a_deadline_is_kept_after_the_loss(paper: Plant, found: Plant, temporal_env: WorkflowEnvironment) -> None:
    await paper.make("B-4", "R-1", 5)
    await found.complete("B-4", "review", "zhou.shen", "release")
    await forward(temporal_env, found, "release/B-4/1", timedelta(hours=8, minutes=5))
    await until(lambda: found.task("B-4", "approve").escalation_level == 1)


async def test_histories_deleted_by_hand_are_begun_again(found: Plant) -> None:
    await found.make("B-5", "R-1", 5)
    # the subprocess alone: its parent hears of it and starts it again
    await delete(found.client, "release/B-5/1")
    await found.complete("B-5", "review", "zhou.shen", "release")
    # the batch: the server cancels its release with it, which the record hasn't ended, so the signature counts on
    await delete(found.client, "lot/B-5")
    assert [one.stage for one in found.tasks("B-5")] == ["approve"]
    await found.complete("B-5", "approve", "chen.pi", "release")
    assert found.status("B-5") == "released"


async def test_a_subprocess_that_runs_alone_still_moves_its_batch(
    paper: Plant, found: Plant, temporal_env: WorkflowEnvironment
) -> None:
    """Its batch was lost without it: begun again, the batch can't start it a second time, and goes on all the same."""
    await paper.make("B-7", "R-1", 5)
    batch = await record_of(found.engine).running("release/B-7/1")
    assert batch is not None
    child = batch.children[0].run
    alone = ProcessStart(workflow_id=child.workflow_id, lot_no="B-7", run=child)
    await found.client.start_workflow("Release", alone, id=child.workflow_id, task_queue=QUALITY)
    again = ProcessStart(workflow_id=batch.workflow_id, lot_no="B-7", run=batch)
    handle = await found.client.start_workflow("BatchLifecycle", again, id=batch.workflow_id, task_queue=QUALITY)
    for _ in range(2):  # it looks again, and again finds it at work
        assert await temporal_env.fast_forward(handle, LOOK_AGAIN + timedelta(seconds=1))
    await found.release("B-7")
    assert found.status("B-7") == "released"
    await found.ship("SH-B-7", "B-7", 5)
    while await Delivery(found.engine, found.client).deliver_once():
        pass
    assert (await found.client.get_workflow_handle("lot/B-7").result())["result"] == "closed"


async def test_who_comes_after_the_end_reads_who_was_faster(found: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    await found.make("B-6", "R-1", 5)
    await found.complete("B-6", "review", "zhou.shen", "release")
    task = found.task("B-6", "approve")
    late = found.completion(task, found.by("wu.jingli"), "release")
    await found.complete("B-6", "approve", "chen.pi", "release")
    await found.client.get_workflow_handle("release/B-6/1").result()
    with pytest.raises(Refusal, match="PRC-410"):
        await found.door.complete_task(found.client, "release/B-6/1", late)
    # prepared while the task was open, sent when its process had ended
    monkeypatch.setattr(acts, "_prepare", lambda *_: (late, "release/B-6/1"))
    monkeypatch.setattr(acts, "_attempt", lambda *said: tried.append(said[3]))
    tried: list[Any] = []
    nobody: Any = None
    desk = Desk(found.engine, found.client, nobody, "test", "key")
    monkeypatch.setattr(Desk, "command_id", lambda *_: "another")
    with pytest.raises(Refusal, match="TASK-002") as info:
        await acts.complete(desk, late.task_id, "release", {}, None, Signing("", "", ""))
    assert info.value.params["name"] == "陈批"
    assert "放行" in info.value.zh
    assert tried == ["TASK-002"]


async def test_a_request_that_is_sent_again_while_its_first_try_takes_effect_gets_the_first_answer(
    found: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked before and after that moment, the record says first that nothing was done and then that the task is closed."""
    await found.make("B-8", "R-1", 5)
    task = found.task("B-8", "review")
    sent = found.completion(task, found.by("zhou.shen"), "release")
    first = await found.door.complete_task(found.client, "release/B-8/1", sent)
    monkeypatch.setattr(Desk, "command_id", lambda *_: sent.request_id or sent.command_id)
    known, asked = acts.earlier, list[str]()

    def too_early(desk: Desk, activity: str, request_id: str) -> Receipt | None:
        asked.append(request_id)
        return known(desk, activity, request_id) if len(asked) > 1 else None

    monkeypatch.setattr(acts, "earlier", too_early)
    monkeypatch.setattr(Desk, "by", lambda *_: found.by("zhou.shen"))
    nobody: Any = None
    desk = Desk(found.engine, found.client, nobody, "test", "key")
    again = await acts.complete(desk, sent.task_id, "release", {}, None, None)
    assert (again.act, again.at, again.data) == (first.act, first.at, first.data)
    assert asked == [sent.request_id or sent.command_id] * 2
    # of another request it is what it says
    monkeypatch.setattr(Desk, "command_id", lambda *_: "another")
    with pytest.raises(Refusal, match="TASK-002"):
        await acts.complete(desk, sent.task_id, "release", {}, None, None)


async def test_who_is_asked_for_twice_and_ends_the_process_at_first_gets_the_first_answer(
    found: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try is never answered, takes effect and ends the process; the second finds none."""
    await found.make("B-9", "R-1", 5)
    await found.complete("B-9", "review", "zhou.shen", "release")
    task = found.task("B-9", "approve")
    sent = found.completion(task, found.by("chen.pi"), "release")
    first = await found.door.complete_task(found.client, "release/B-9/1", sent)
    await found.client.get_workflow_handle("release/B-9/1").result()
    monkeypatch.setattr(acts, "_prepare", lambda *_: (sent, "release/B-9/1"))
    monkeypatch.setattr(start, "update_id", lambda command: f"{command.command_id}~2")
    monkeypatch.setattr(Desk, "command_id", lambda *_: "of this time")
    nobody: Any = None
    for key in ("key", None):
        desk = Desk(found.engine, found.client, nobody, "test", key)
        again = await acts.complete(desk, sent.task_id, "release", {}, None, Signing("", "", ""))
        assert (again.act, again.at, again.data) == (first.act, first.at, first.data)


async def test_what_has_ended_stays_ended(found: Plant) -> None:
    record = record_of(found.engine)
    assert await record.running("release/B-6/1") is None
    assert await record.running("lot/nowhere") is None
    running = await record.running("lot/B-6")
    assert running is not None
    assert running.definition is not None
