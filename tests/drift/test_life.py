"""An alert on the real server: in the inbox with the lot that raised it, late, joined by another lot, and closed; sampling with it (REQUIREMENTS 50)."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from temporalio.testing import WorkflowEnvironment

from models.drift.store import alerts, charts
from models.kernel.store.act import act
from models.kernel.time.moments import plant_day
from models.process import numbering
from tests.drift.conftest import watched
from tests.support.plant.aging import aged
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes.drifting import alert, assessed, came, sampling
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.until import born, ended, until
from workflows.process import timers
from workflows.temporal import start

LATE = timedelta(days=3, minutes=1)


async def test_an_alert_begins_with_its_lot_is_late_and_ends_with_the_signature(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    # the server is shared with plants whose first chart and alert have the first numbers
    year = plant_day(datetime.now(UTC), "Asia/Shanghai").year
    with act(plant.engine, SETUP) as session:
        for _ in range(50):
            numbering.take(session, charts.NUMBERED)
            numbering.take(session, alerts.NUMBERED, year=year)
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
    await assessed(plant, found, "no_cause")
    await complete(plant, found, "conclude", "chen.pi", "close")
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "closed"
    assert sampling(plant, number) == "normal"
