"""A supervised Batchwright that has samples, and whose parts die where a test wants it; programs for tests.

    python -m tests.process.sample.up                # supervises PostgreSQL, Temporal, a worker and an API
    python -m tests.process.sample.up worker|api     # what the supervisor starts

Points are `before:WHAT:NUMBER` and `after:WHAT:NUMBER`, NUMBER that of a sample.  A worker's WHAT is a step that somebody completes
(`write`, `look.1`), `load_run.1`, `escalate`, `run_automatic`, `start` or `signal`; an API's is `update.STEP`.  Whoever comes to a point
named in the file `stops-PART` of the data folder waits there; when somebody stands at each of them the process is killed, and its
file is gone.  Who came where stands in `passed-PART`, by the id of the process.  A worker may also die with its n-th act (`dying`).
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from temporalio import activity, client, worker

from activities import delivery, transaction
from runtime.process import Program
from runtime.settings import Settings
from runtime.stack import Stack
from runtime.supervisor import Supervisor
from runtime.temporal import connection, workers
from runtime.temporal.server import Temporal
from tests.process.sample.dying import Counted, Dying
from tests.process.sample.installed import hand_in
from workflows.temporal import queues
from workflows.temporal.carrying import Carrying

PATIENCE = timedelta(seconds=4)
"""How long a workflow task, an act or a delivery is waited for, where it is ten seconds elsewhere."""


class Hurrying(Temporal):
    """It misses a worker that was killed sooner than others do (`hurry`)."""

    def program(self) -> Program:
        given = super().program()
        timeout = f'history.defaultWorkflowTaskTimeout="{PATIENCE.seconds}s"'
        return replace(given, argv=[*given.argv, "--dynamic-config-value", timeout])


class SampleStack(Stack):
    """Its worker and its API know samples."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.temporal = Hurrying(self.home, namespace=self.given.temporal_namespace, ui=self.given.temporal_ui)

    def _ours(self, name: str, module: str, *arguments: str) -> Program:
        del module, arguments
        return super()._ours(name, "tests.process.sample.up", name)


class Stops:
    """Where this process is to die."""

    def __init__(self, folder: Path, part: str) -> None:
        self.file, self.passed = folder / f"stops-{part}", folder / f"passed-{part}"
        self.here: set[str] = set()

    async def come(self, when: str, what: str, workflow_id: str) -> None:
        """Somebody is at a point: before what it does, or after."""
        kind, _, number = workflow_id.partition("/")
        if kind not in {"sample", "sample-part"}:
            return
        number, _, rest = number.partition("/")
        point = f"{when}:{what}{'.' + rest.rpartition('.')[2] if rest else ''}:{number}"
        with self.passed.open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()} {point}\n")
        wanted = set(self.file.read_text(encoding="utf-8").split()) if self.file.exists() else set()
        if point not in wanted:
            return
        self.here.add(point)
        if self.here == wanted:
            self.file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.Event().wait()


class Stopping(Carrying):
    """What connects with it stops at these points."""

    def __init__(self, stops: Stops, counted: Counted) -> None:
        self.stops, self.counted = stops, counted

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:  # noqa: A002 - the SDK's name
        return _Client(super().intercept_client(next), self.stops)

    def intercept_activity(self, next: worker.ActivityInboundInterceptor) -> worker.ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        return _Activity(Dying(super().intercept_activity(next), self.counted), self.stops)


class _Client(client.OutboundInterceptor):
    def __init__(self, next_one: client.OutboundInterceptor, stops: Stops) -> None:
        super().__init__(next_one)
        self.stops = stops

    async def start_workflow(self, input: client.StartWorkflowInput) -> client.WorkflowHandle[Any, Any]:  # noqa: A002 - the SDK's name
        await self.stops.come("before", "start", input.id)
        done = await super().start_workflow(input)
        await self.stops.come("after", "start", input.id)
        return done

    async def signal_workflow(self, input: client.SignalWorkflowInput) -> None:  # noqa: A002 - the SDK's name
        await self.stops.come("before", "signal", input.id)
        await super().signal_workflow(input)
        await self.stops.come("after", "signal", input.id)

    async def start_workflow_update(self, input: client.StartWorkflowUpdateInput) -> client.WorkflowUpdateHandle[Any]:  # noqa: A002 - the SDK's name
        what = f"update.{getattr(input.args[0], 'stage', '')}"
        await self.stops.come("before", what, input.id)
        done = await super().start_workflow_update(input)
        await self.stops.come("after", what, input.id)
        return done


class _Activity(worker.ActivityInboundInterceptor):
    def __init__(self, next_one: worker.ActivityInboundInterceptor, stops: Stops) -> None:
        super().__init__(next_one)
        self.stops = stops

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        info = activity.info()
        what, workflow_id = info.activity_type, info.workflow_id or ""
        if what == "complete_task":
            what = input.args[0].stage
        await self.stops.come("before", what, workflow_id)
        done = await super().execute_activity(input)
        await self.stops.come("after", what, workflow_id)
        return done


def hurry() -> None:
    """Wait a shorter time for whoever was killed, in the same proportions; what follows is the same."""
    queues.AT_ONCE, queues.SILENT, transaction.EVERY = PATIENCE / 2, PATIENCE, 0.8
    delivery.ONE = PATIENCE
    vars(workers)["Worker"] = partial(worker.Worker, sticky_queue_schedule_to_start_timeout=PATIENCE)


def main() -> None:
    """The supervisor, or the part that is named."""
    if len(sys.argv) == 1:
        supervise()
        return
    part = sys.argv[1]
    hurry()
    hand_in()
    stops, counted = Stops(Settings().home, part), Counted(Settings().home)
    vars(connection)["Carrying"] = lambda: Stopping(stops, counted)
    if part == "worker":
        import worker as program

        program.main()
    else:
        from cli import build

        build()(["api"])


def supervise() -> None:
    """Until SIGINT; a part that is killed is started again."""
    stopped = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    # not `fast`: what a killed PostgreSQL has said that it committed must be on the disk
    stack = SampleStack(Settings())
    with stack.home.locked(), contextlib.ExitStack() as at_end:
        supervisor = Supervisor(stack)
        supervisor.start()
        at_end.callback(supervisor.stop)
        supervisor.watch(stopped)


if __name__ == "__main__":
    main()
