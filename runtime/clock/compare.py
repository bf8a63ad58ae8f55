"""Compares the record's clock with Temporal's, by what Temporal itself says (21 CFR 11.10(e); models/kernel/time/clock.py).

Temporal has no call that tells the time.  It keeps by its own clock when somebody last asked for work at a task queue, so the
worker asks for work at a queue that never has any and reads when that was: two calls of some milliseconds, no workflow, and
nothing that grows.  The record's clock is read before and after, so that a slow network makes the answer wide and never wrong.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, PollActivityTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from models.clock.store import clocks
from models.kernel.time import clock

log = logging.getLogger("batchwright.clock")

QUEUE = TaskQueue(name="clock")
EVERY = 10.0
"""Seconds between two comparisons."""
ANSWERED = 20.0
"""Seconds within which Temporal has to have said its time."""
PAUSE = 0.02
POLL = timedelta(seconds=11)
"""Temporal wonders at who is willing to wait for less than ten."""

Asked = Callable[[], Awaitable[datetime]]
"""Answers the engine's time at some moment between asking and answer."""


def of(client: Client) -> Asked:
    """Temporal's clock."""

    async def ask() -> datetime:
        me = f"clock/{secrets.token_hex(8)}"  # a name of before would say when it was before
        asking = asyncio.ensure_future(_wait_for_work(client, me))
        try:
            async with asyncio.timeout(ANSWERED):
                while True:
                    at = await _seen(client, me)
                    if at is not None:
                        return at
                    await asyncio.sleep(PAUSE)
        finally:
            asking.cancel()

    return ask


async def compare(engine: Engine, worker: str, asked: Asked) -> clock.Ahead:
    """Compare once, and keep the answer with the worker's sign of life."""
    before = await asyncio.to_thread(clocks.now, engine)
    at = await asked()
    after = await asyncio.to_thread(clocks.now, engine)
    ahead = clock.compared(before, at, after)
    await asyncio.to_thread(clocks.compare, engine, worker, ahead)
    return ahead


async def keep_comparing(engine: Engine, worker: str, asked: Asked) -> None:
    """Every ten seconds, for ever.  Who can't be asked stops nothing: `/readyz` says for how long nobody has compared."""
    while True:
        try:
            found = await compare(engine, worker, asked)
            if found.apart:
                log.error("the record's clock is ahead of the engine's by %s to %s", found.least, found.most)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next comparison asks again
            log.warning("the clocks can't be compared: %s", str(error) or type(error).__name__)
        await asyncio.sleep(EVERY)


async def _wait_for_work(client: Client, me: str) -> None:
    request = PollActivityTaskQueueRequest(namespace=client.namespace, task_queue=QUEUE, identity=me)
    with contextlib.suppress(RPCError):  # nothing came, which is what is waited for
        await client.workflow_service.poll_activity_task_queue(request, timeout=POLL)


async def _seen(client: Client, me: str) -> datetime | None:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=QUEUE, task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    )
    answer = await client.workflow_service.describe_task_queue(request)
    return next((one.last_access_time.ToDatetime(UTC) for one in answer.pollers if one.identity == me), None)
