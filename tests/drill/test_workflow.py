"""A drill by its Schedule on the real server: drawn, opened by nobody, run by people, never two at a time."""

from temporalio.client import ScheduleHandle

from tests.support.plant.plant import Plant
from tests.support.plant.recalling import Recalling
from tests.support.servers.until import until, until_async
from workflows.background.drill_plan import DrillPlan
from workflows.background.schedules import ensure_drills
from workflows.temporal.queues import QUALITY

PLANNED = "select recall_no from recall where cause = 'schedule' order by id desc limit 1"


async def test_a_quarter_has_its_drill(plant: Plant) -> None:
    nothing = await plant.client.execute_workflow(DrillPlan.run, id="drill-plan/empty", task_queue=QUALITY)
    assert nothing is None, "nobody has anything"
    await plant.material("R-1", 100)
    await plant.make("H-1", "R-1", 50)
    await plant.release("H-1")
    await plant.ship("SH-1", "H-1", 30)
    await ensure_drills(plant.client, "Asia/Shanghai")
    await ensure_drills(plant.client, "Asia/Shanghai")  # a second worker changes nothing
    schedule: ScheduleHandle = plant.client.get_schedule_handle("recall-drills")
    try:
        await schedule.trigger()
        number = await until(lambda: plant.scalar(PLANNED))
        described = await schedule.describe()
        assert described.schedule.spec.time_zone_name == "Asia/Shanghai"
    finally:
        await schedule.delete()
    drill = Recalling(plant, number, "drill")

    async def born() -> bool:
        return bool([one async for one in plant.client.list_workflows(f"WorkflowId = 'recall/{number}'")])

    await until_async(born)
    again = await plant.client.execute_workflow(DrillPlan.run, id="drill-plan/again", task_queue=QUALITY)
    assert again is None, "one at a time"
    await drill.to_customers()
    for notice in drill.notices():
        await drill.acknowledge(notice, 30)
    await drill.do("follow_up", "sun.zhao", "done")
    await drill.decide()
    await drill.do("close", "wu.jingli", "close", signed=True, reason="演练")
    assert plant.scalar("select score ->> 'points' from recall where recall_no = :no", no=number) == "100"
    who = "select string_agg(distinct actor_id, ',') from audit_event where table_name = 'recall' and operation = 'insert'"
    assert plant.scalar(who) == "service:schedule"
