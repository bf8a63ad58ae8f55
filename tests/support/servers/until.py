"""Waiting for something that another process does: ask until it is so."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

PATIENCE = 120.0
SELDOM, SELDOMER = 0.2, 1.2
"""Seconds between two questions at most, and how the first grow to that."""


async def until(so: Callable[[], Any], what: str = "", patience: float = PATIENCE, every: float = 0.02) -> Any:
    """The first true answer, within so many seconds; a worker in this event loop stands still while it is asked."""

    async def answer() -> Any:
        return so()

    return await until_async(answer, what or str(so), patience, every)


async def until_async(
    so: Callable[[], Awaitable[Any]], what: str = "", patience: float = PATIENCE, every: float = 0.02
) -> Any:
    """The first true answer of somebody who must be awaited.

    Each question takes some of the processor that the answer waits for: the longer it takes, the more seldom it is asked.
    """
    end = asyncio.get_running_loop().time() + patience
    while not (answer := await so()):
        assert asyncio.get_running_loop().time() < end, f"still not so: {what or so}"
        await asyncio.sleep(every)
        every = max(every, min(every * SELDOMER, SELDOM))
    return answer


async def ended(client: Client, workflow_id: str) -> None:
    """The dispatcher starts it at some time; it is over when it says so."""

    async def over() -> bool:
        try:
            found = await client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return found.status is not WorkflowExecutionStatus.RUNNING

    await until_async(over, f"{workflow_id} ends")


async def born(client: Client, workflow_id: str) -> None:
    """The record begins a subprocess; its workflow is there a moment later."""

    async def running() -> bool:
        try:
            found = await client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return found.status is WorkflowExecutionStatus.RUNNING

    await until_async(running, f"{workflow_id} runs")
