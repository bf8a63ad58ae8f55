"""Where a worker or an API that has samples dies, by a file of the test's; apart from what supervises them (`up`), which needs none of it."""

import asyncio
import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from temporalio import activity, client, worker

from activities import delivery, transaction
from runtime.settings import Settings
from runtime.temporal import connection, workers
from tests.process.sample.dying import Counted, Dying, Within
from tests.process.sample.installed import hand_in
from tests.process.sample.up import PATIENCE
from workflows.temporal import queues
from workflows.temporal.carrying import Carrying


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


def run(part: str) -> None:
    """The worker or the API, until it ends or dies."""
    hurry()
    hand_in()
    stops, counted = Stops(Settings().home, part), Counted(Settings().home)
    vars(connection)["Carrying"] = lambda: Stopping(stops, counted)
    if part == "worker":
        event.listen(Engine, "before_cursor_execute", Within(Settings().home).asked)
        import worker as program

        program.main()
    else:
        from cli import build

        build()(["api"])
