"""A breakdown on the real server: in the inbox with the report, late, repaired, and over with the signature of somebody else (REQUIREMENTS 43, 64)."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from temporalio.testing import WorkflowEnvironment

from models.breakdown.store import breakdowns
from models.kernel.store.act import act
from models.kernel.time.moments import plant_day
from models.process import numbering
from tests.support.plant.aging import aged
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes.breaking import machine, mended, report
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.until import born, until
from workflows.process import timers
from workflows.temporal import start

LATE = timedelta(days=1, minutes=1)
UNDELIVERED = "select count(*) from outbox where delivered_at is null"


async def test_a_breakdown_is_late_repaired_and_taken_back_into_use(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    # the server is shared with plants whose first breakdown has the first number
    year = plant_day(datetime.now(UTC), "Asia/Shanghai").year
    with act(plant.engine, SETUP) as session:
        for _ in range(50):
            numbering.take(session, breakdowns.NUMBERED, year=year)
    await start.ensure_outbox(plant.client)
    number = machine(plant, "BL-M")
    found = (await start.ask(plant.client, report(plant, number))).data["number"]
    workflow = f"breakdown/{found}"
    await born(plant.client, workflow)
    aged(plant.engine, workflow, LATE)
    with patch.object(timers, "ASKED_AGAIN", timedelta(days=1)):
        assert await temporal_env.fast_forward(plant.client.get_workflow_handle(workflow), LATE)
    await until(lambda: open_task(plant, found, "repair").escalation_level == 1)
    await complete(plant, found, "repair", "zhao.liu", form=mended())
    assert stages(plant, found) == ["resume"]
    await until(lambda: plant.scalar(UNDELIVERED) == 0)
    await complete(plant, found, "resume", "chen.pi", "restore", form={"checked": "试运行正常"})
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "back"
    assert plant.scalar("select status from breakdown where breakdown_no = :n", n=found) == "back"
