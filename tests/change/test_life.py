"""The life of a change on the real server: late, approved, its batches paused and decided on, closed (REQ 45, 46)."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from temporalio.testing import WorkflowEnvironment

from models.kernel.refusal import Refusal
from tests.change.asking import agreed, decide, locks, opened
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.until import born, until
from workflows.process import timers
from workflows.temporal import start

A_DAY = timedelta(days=1)


async def later(env: WorkflowEnvironment, plant: Plant, workflow_id: str, days: int) -> None:
    """So many days later, for one workflow and in the record."""
    by = days * A_DAY + timedelta(minutes=1)
    aged(plant.engine, workflow_id, by)
    with patch.object(timers, "ASKED_AGAIN", A_DAY):
        assert await env.fast_forward(plant.client.get_workflow_handle(workflow_id), by)


async def test_from_the_request_to_its_closing_with_a_batch_that_waits(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    await start.ensure_outbox(plant.client)
    await plant.receive("L-1")
    await plant.measure("L-1")
    number = await opened(plant, lot_nos=("L-1",))
    workflow = f"change/{number}"
    await born(plant.client, workflow)
    await later(temporal_env, plant, workflow, 7)
    await until(lambda: open_task(plant, number, "assess").escalation_level == 1)
    await agreed(plant, number)
    await complete(plant, number, "approve", "wu.jingli", "approve")
    with pytest.raises(Refusal, match="CHG-001"):
        await plant.complete("L-1", "inspect", "lin.jian", "accepted")
    await later(temporal_env, plant, workflow, 1)
    await until(lambda: open_task(plant, number, "batches").escalation_level == 1)
    await decide(plant, number, L_1="old_way")
    await plant.complete("L-1", "inspect", "lin.jian", "accepted")  # it goes on at once, where it waited
    assert (locks(plant, number), stages(plant, number)) == ({"L-1": "incoming old_way"}, ["close"])
    await complete(plant, number, "close", "wu.jingli", "close", form={"done": "SOP 已更新"})
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "closed"
