"""The calibrations of an instrument on the real server: back before they are due, late, and out of tolerance until quality has closed it (REQ 64, 65)."""

from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from models.calibration.messages import AskCalibration
from models.kernel.refusal import Refusal
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.processes.calibrating import DAY, GOOD, OFF, assessment, blocked, form, machine, value
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.database import past_walls
from tests.support.servers.until import born, until
from workflows.process import timers
from workflows.temporal import start

DAYS = """
update process_run set state = jsonb_set(jsonb_set(state, '{facts,item.due}', to_jsonb(((state #>> '{facts,item.due}')::date - :days)::text)),
       '{facts,item.task_on}', to_jsonb(((state #>> '{facts,item.task_on}')::date - :days)::text)) where workflow_id = :id
"""


async def later(env: WorkflowEnvironment, plant: Plant, workflow_id: str, days: int) -> None:
    """So many days later, for one workflow and in the record."""
    by = days * DAY + timedelta(minutes=1)
    aged(plant.engine, workflow_id, by)
    with past_walls(plant.engine) as connection:
        connection.execute(text(DAYS), {"days": days, "id": workflow_id})
    with patch.object(timers, "ASKED_AGAIN", days * DAY / 4):
        assert await env.fast_forward(plant.client.get_workflow_handle(workflow_id), by)


async def test_it_is_back_before_it_is_due_and_what_it_finds_wrong_is_blocked_until_that_is_closed(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    await start.ensure_outbox(plant.client)
    number = machine(plant, "LF-1", 300 * DAY)
    await plant.receive("LF-L")
    command = AskCalibration(command_id=str(uuid4()), by=plant.by("zhao.liu"), equipment_no=number)
    await start.ask(plant.client, command)
    workflow = f"calibration/{number}/1"
    await born(plant.client, workflow)
    done = await complete(plant, number, "perform", "zhao.liu", "record", form=form(GOOD, interval_months=6))
    assert (done.data["calibration"], stages(plant, number)) == ("passed", [])
    await later(temporal_env, plant, workflow, 150)
    assert stages(plant, number) == [], "not yet"
    await later(temporal_env, plant, workflow, 25)
    await until(lambda: stages(plant, number) == ["perform"])
    await later(temporal_env, plant, workflow, 30)
    await until(lambda: open_task(plant, number, "perform").escalation_level == 1)
    done = await complete(plant, number, "perform", "zhao.liu", "record", form=form(OFF, last=True))
    assert (done.data["blocked"], blocked(plant, number)) == (1, True)
    found = assessment(plant, number)
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "retired"
    await born(plant.client, f"out-of-tolerance/{found}")
    assert stages(plant, found) == ["close"], "nothing was measured with it"
    with pytest.raises(Refusal, match="EQP-006"):
        await _measure(plant, "LF-L", number)
    await complete(plant, found, "close", "wu.jingli", "close", form={"conclusion": "缩短周期"})
    assert (await plant.client.get_workflow_handle(f"out-of-tolerance/{found}").result())["result"] == "closed"
    await _measure(plant, "LF-L", number)


async def _measure(plant: Plant, lot: str, number: str) -> None:
    task = plant.task(lot, "inspect")
    await start.record_results(plant.client, plant.workflow_of(task), value(plant, lot, number))
