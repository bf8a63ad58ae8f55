"""A process that the engine lost is begun again without anybody touching it, and its clock runs on (DESIGN 6a)."""

from datetime import timedelta

from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from activities.reconciling import Reconciling
from models.store.act import act
from tests.support.plant import SETUP, Plant
from tests.support.until import until
from workflows import start
from workflows.queues import QUALITY
from workflows.upkeep import Upkeep

OLDER = text("update process_run set started_at = started_at - interval '1 hour' where status = 'running'")
AGAIN = "select count(*) from lot_fact f join lot l on l.id = f.lot_id where f.fact = 'process.begun_again' and l.lot_no = :lot"  # fmt: skip


async def test_a_lost_process_is_begun_again_and_escalates_without_anybody_touching_it(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    for lot in ("R-LOST", "R-KEPT"):
        await plant.receive(lot)
        await plant.measure(lot)
        await plant.complete(lot, "inspect", "lin.jian", "accepted")
    await plant.client.get_workflow_handle("inspection/R-LOST/1").result()
    with act(plant.engine, SETUP) as session:
        session.connection().execute(OLDER)
    reconciling = Reconciling(plant.engine, plant.client)
    assert (await reconciling.reconcile())["begun_again"] == 0
    handle = plant.client.get_workflow_handle("lot/R-LOST")
    await handle.terminate("the server lost it")
    done = await plant.client.execute_workflow(Upkeep.run, "reconcile", id="reconcile", task_queue=QUALITY)
    assert done["begun_again"] == 1
    assert (await reconciling.reconcile())["begun_again"] == 0
    assert (plant.scalar(AGAIN, lot="R-LOST"), plant.scalar(AGAIN, lot="R-KEPT")) == (1, 0)
    assert plant.task("R-LOST", "putaway").escalation_level == 0
    assert await temporal_env.fast_forward(handle, timedelta(days=30))
    await until(lambda: plant.task("R-LOST", "putaway").escalation_level >= 1)


async def test_the_schedules_catch_up_for_a_bounded_time_and_stay_as_their_operator_left_them(plant: Plant) -> None:
    await start.ensure_reconciling(plant.client)
    await start.ensure_drills(plant.client, "Asia/Shanghai")
    handle = plant.client.get_schedule_handle("recall-drills")
    await handle.pause(note="works council")
    await start.ensure_drills(plant.client, "Asia/Shanghai")
    found = (await handle.describe()).schedule
    assert (found.policy.catchup_window, found.state.paused) == (start.DRILL_CATCH_UP, True)
    minutes = (await plant.client.get_schedule_handle("reconcile").describe()).schedule
    assert minutes.policy.catchup_window == start.RECONCILED
    for name in ("recall-drills", "reconcile"):
        await plant.client.get_schedule_handle(name).delete()
