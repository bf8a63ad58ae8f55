"""The review of a finding on the real server: begun by what was found, escalated once per level, ended by the decision (REQUIREMENTS 39)."""

from datetime import timedelta
from functools import partial
from unittest.mock import patch
from uuid import uuid4

from temporalio.testing import WorkflowEnvironment

from models.nonconformance.messages import RaiseNonconformance
from models.nonconformance.rules import Severity
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.servers.until import born, until
from workflows.process import timers
from workflows.temporal import start

A_DAY = timedelta(days=1)
CAUSE = {"cause": "供方磨削余量不足", "requirements_met": True}
LEVELS = (
    "select array_agg((e.after ->> 'escalation_level')::int order by e.id) from audit_event e join human_task t on t.id = e.row_id"
    " join subject s on s.id = t.subject_id where e.table_name = 'human_task' and s.number = :number and e.actor_id = 'service:clock'"
)


async def forward(env: WorkflowEnvironment, plant: Plant, workflow_id: str, by: timedelta) -> None:
    """So much later, for one workflow and in the record."""
    await born(plant.client, workflow_id)
    aged(plant.engine, workflow_id, by)
    with patch.object(timers, "ASKED_AGAIN", A_DAY):
        assert await env.fast_forward(plant.client.get_workflow_handle(workflow_id), by)


def at_level(plant: Plant, level: int) -> bool:
    return plant.task("MR-1", "decide").escalation_level == level


async def test_a_failed_inspection_begins_a_review_that_escalates_and_ends_with_the_decision(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    await start.ensure_outbox(plant.client)
    await plant.receive("MR-1")
    await plant.measure("MR-1", value="12.50")
    await plant.complete("MR-1", "inspect", "lin.jian", "failed")
    number, workflow = "NC-MR-1-1", "material-review/NC-MR-1-1"
    for days, level in ((2, 1), (3, 2)):
        await forward(temporal_env, plant, workflow, days * A_DAY + timedelta(minutes=1))
        await until(partial(at_level, plant, level))
    assert plant.scalar(LEVELS, number=number) == [1, 2]
    await plant.complete("MR-1", "disposition", "wu.jingli", "reject", reason="尺寸超差")
    await plant.complete("MR-1", "decide", "chen.pi", "reject", reason="退供方", form=CAUSE)
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "rejected"
    assert plant.tasks("MR-1") == []


async def test_what_somebody_found_is_raised_once_however_often_it_is_sent_and_accepted_by_two(plant: Plant) -> None:
    await start.ensure_outbox(plant.client)
    await plant.material("MR-2")
    command = RaiseNonconformance(
        command_id=str(uuid4()), by=plant.by("li.cang"), title="外箱破损", lot_no="MR-2", severity=Severity.CRITICAL
    )
    done = await start.ask(plant.client, command)
    assert await start.ask(plant.client, command) == done
    assert plant.scalar("select count(*) from nonconformance where nonconformance_no like '%-MR-2-%'") == 1
    workflow = f"material-review/{done.data['number']}"
    await born(plant.client, workflow)
    await plant.complete("MR-2", "decide", "chen.pi", "accept", reason="仅外箱", form=CAUSE)
    await plant.complete("MR-2", "concede", "wu.jingli", "accept", reason="同意")
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "accepted"
