"""An alert on the real server: in the inbox with the lot that raised it, late, joined by another lot, and closed; sampling with it (REQUIREMENTS 50)."""

from datetime import timedelta
from unittest.mock import patch

from temporalio.testing import WorkflowEnvironment

from tests.drift.conftest import watched
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.processes.drifting import alert, came, closed, sampling
from tests.support.processes.matter import open_task, stages
from tests.support.servers.until import born, ended, until
from workflows.process import timers
from workflows.temporal import start

LATE = timedelta(days=3, minutes=1)


async def test_an_alert_begins_with_its_lot_is_late_and_ends_with_the_signature(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    await start.ensure_outbox(plant.client)
    item = await watched(plant, "LIFE")
    number = plant.scalar("select chart_no from drift_chart order by id desc limit 1")
    await ended(plant.client, f"drift-limits/{number}/1")
    limits = plant.client.get_workflow_handle(f"drift-limits/{number}/1")
    assert (await limits.result())["result"] == "frozen"
    await came(plant, "LIFE-A", item, "W-LIFE", 12.04)
    found = alert(plant, number)["number"]
    workflow = f"supplier-alert/{found}"
    await born(plant.client, workflow)
    assert (stages(plant, found), sampling(plant, number)) == (["assess"], "tightened")
    aged(plant.engine, workflow, LATE)
    with patch.object(timers, "ASKED_AGAIN", timedelta(days=1)):
        assert await temporal_env.fast_forward(plant.client.get_workflow_handle(workflow), LATE)
    await until(lambda: open_task(plant, found, "assess").escalation_level == 1)
    await came(plant, "LIFE-B", item, "W-LIFE", 12.04)
    assert [one[0] for one in alert(plant, number)["rules"]] == ["WE-1", "WE-1", "WE-2"]
    await closed(plant, found)
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "closed"
    assert sampling(plant, number) == "normal"
