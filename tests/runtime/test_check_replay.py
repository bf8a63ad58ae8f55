"""`batchwright check-replay` finds what would stop with this code, open or ended, and nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from models.process.messages.process import ProcessStart
from runtime.temporal import replaying
from tests.support.servers import temporal
from tests.support.servers.until import until_async
from workflows.recall import Recall
from workflows.release import Release
from workflows.temporal.queues import QUALITY


@workflow.defn(name="Release")
class ReleaseOfAnotherCode:
    """Has done something first that ours doesn't do."""

    @workflow.run
    async def run(self, start: ProcessStart) -> None:
        del start
        await workflow.sleep(1)
        await workflow.wait_condition(lambda: False)


@workflow.defn
class Forgotten:
    """A type that our code has no more."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server of its own: the command looks at all that is there."""
    env = await temporal.start_time_skipping()
    with env.with_time_skipping_disabled():
        yield env
    await env.shutdown()


async def begun(handle: WorkflowHandle[object, object]) -> bool:
    """Whether its first task is done."""
    events = (await handle.fetch_history()).events
    return any(one.HasField("workflow_task_completed_event_attributes") for one in events)


async def at_work(client: Client, kind: type) -> WorkflowHandle[object, object]:
    """One of this type, as far as its first wait."""
    start = [] if kind is Forgotten else [ProcessStart(workflow_id="x", lot_no="x")]
    name = workflow._Definition.must_from_class(kind).name
    async with Worker(client, task_queue=QUALITY, workflows=[kind], workflow_runner=UnsandboxedWorkflowRunner()):
        handle = await client.start_workflow(str(name), args=start, id=f"{kind.__name__}/{uuid4()}", task_queue=QUALITY)
        await until_async(lambda: begun(handle))
    return handle


async def listed(client: Client, *, running: int, closed: int) -> None:
    """The server's list says how many there are; it lags behind what happens."""

    async def so() -> bool:
        counts = [
            (await client.count_workflows(f"TaskQueue = '{QUALITY}' and ExecutionStatus {sign} 'Running'")).count
            for sign in ("=", "!=")
        ]
        return counts == [running, closed]

    await until_async(so)


def run_command(env: WorkflowEnvironment, home: Path, *more: str) -> subprocess.CompletedProcess[str]:
    told = {"TEMPORAL_ADDRESS": env.client.service_client.config.target_host, "BATCHWRIGHT_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "cli", "check-replay", *more],
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


async def test_what_would_stop_is_found_by_name_and_the_rest_passes(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    good = await at_work(server.client, Recall)
    ended = await at_work(server.client, Release)
    await ended.terminate("it is over")
    await listed(server.client, running=1, closed=1)
    done = run_command(server, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 / open" in done.stderr
    bad = await at_work(server.client, ReleaseOfAnotherCode)
    lost = await at_work(server.client, Forgotten)
    await listed(server.client, running=3, closed=1)
    done = run_command(server, tmp_path, "--json")
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert (said["ok"], said["open"], said["closed"]) == (False, 2, 1)
    assert {one["workflow_id"]: one["open"] for one in said["broken"]} == {bad.id: True, lost.id: True}
    assert "Nondeterminism" in next(one["why"] for one in said["broken"] if one["workflow_id"] == bad.id)
    assert good.id not in done.stderr
    await bad.terminate("it is over")
    await lost.terminate("it is over")
    await listed(server.client, running=1, closed=3)
    assert (await replaying.check(server.client, 0)).ok
    closed = await replaying.check(server.client, 100)
    assert {one.workflow_id for one in closed.broken} == {bad.id, lost.id}
    assert not any(one.open for one in closed.broken)


async def test_others_in_the_namespace_are_their_own_business(server: WorkflowEnvironment) -> None:
    await server.client.start_workflow("SomebodyElses", id="other", task_queue="other")
    assert await replaying.check(server.client, 100) == replaying.Checked()


@pytest.mark.parametrize("tries", [1, 2, 5])
async def test_a_machine_that_was_busy_is_asked_again_and_not_for_ever(
    tries: int, temporal_env: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with temporal_env.with_time_skipping_disabled():
        handle = await at_work(temporal_env.client, Recall)
    history = await handle.fetch_history()
    await handle.terminate("it is over")
    left = [tries]
    good = Replayer.replay_workflow

    async def busy(self: Replayer, *args: object, **more: object) -> object:
        left[0] -= 1
        found = await good(self, *args, **more)  # type: ignore[arg-type]
        if left[0] > 0:
            object.__setattr__(found, "replay_failure", RuntimeError(replaying.STARVED))
        return found

    monkeypatch.setattr(Replayer, "replay_workflow", busy)
    said = await replaying._again(history, replaying.STARVED)
    assert bool(said) == (tries >= replaying.TRIES)
