"""The test server really skips time; everything about deadlines stands on this."""

import time
import uuid
from datetime import timedelta

from temporalio import workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker


@workflow.defn
class SleepsFortyDays:
    @workflow.run
    async def run(self) -> float:
        before = workflow.now()
        await workflow.sleep(timedelta(days=40))
        return (workflow.now() - before).total_seconds()


async def test_forty_days_pass_in_seconds(temporal_env: WorkflowEnvironment) -> None:
    began = time.monotonic()
    async with Worker(temporal_env.client, task_queue="sleepers", workflows=[SleepsFortyDays]):
        slept = await temporal_env.client.execute_workflow(
            SleepsFortyDays.run, id=f"sleeper/{uuid.uuid4()}", task_queue="sleepers"
        )
    assert slept >= timedelta(days=40).total_seconds()
    assert time.monotonic() - began < 30
