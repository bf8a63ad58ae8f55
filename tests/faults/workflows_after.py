"""Looks at Temporal after a fault: batches that live on are followed, the others' workflows have ended, none is stuck."""

import asyncio
import time

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter

from tests.faults.lives import End
from tests.support import histories

FOLLOWED = {"running": WorkflowExecutionStatus.RUNNING, "completed": WorkflowExecutionStatus.COMPLETED}


async def connect(address: str) -> Client:
    return await Client.connect(address, data_converter=pydantic_data_converter)


async def check(client: Client, ends: list[End]) -> list[WorkflowHistory]:
    """No workflow task failed, and each batch's workflow knows what the record says; answers all histories."""
    deadline = time.monotonic() + 30
    for end in ends:
        while await status(client, end) is not FOLLOWED[end.life]:
            assert time.monotonic() < deadline, f"lot/{end.lot_no} is {await status(client, end)}, not {end.life}"
            await asyncio.sleep(0.1)
    written = await histories.fetch_all(client, set())
    failed = [why for one in written for why in histories.failed_tasks(one)]
    assert not failed, failed
    return written


async def status(client: Client, end: End) -> WorkflowExecutionStatus | None:
    return (await client.get_workflow_handle(f"lot/{end.lot_no}").describe()).status
