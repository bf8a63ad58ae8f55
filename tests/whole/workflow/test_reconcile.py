"""A process that the engine lost is begun again without anybody touching it, and its clock runs on (DESIGN 6a)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from temporalio.client import ScheduleActionStartWorkflow
from temporalio.testing import WorkflowEnvironment

from activities.reconciling import Reconciling
from activities.tidying import Tidying
from api.process.lost_workflow import record_of
from models.kernel.store.act import act
from models.process.messages.process import ProcessStart
from models.process.messages.timer import Timer
from tests.process.workflow.test_deadlines import forward
from tests.support import histories
from tests.support.plant.plant import SETUP, Plant, working
from tests.support.servers import temporal
from tests.support.servers.database import TestDatabase, past_walls
from tests.support.servers.until import until, until_async
from workflows.background import schedules
from workflows.background.upkeep import Upkeep
from workflows.temporal.queues import QUALITY

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
    with past_walls(plant.engine) as connection:
        connection.execute(OLDER)
    reconciling = Reconciling(plant.engine, plant.client)
    assert (await reconciling.reconcile())["begun_again"] == 0
    handle = plant.client.get_workflow_handle("lot/R-LOST")
    await handle.terminate("the server lost it")
    done = await plant.client.execute_workflow(Upkeep.run, "reconcile", id="reconcile", task_queue=QUALITY)
    assert done["begun_again"] == 1
    assert (await reconciling.reconcile())["begun_again"] == 0
    assert (plant.scalar(AGAIN, lot="R-LOST"), plant.scalar(AGAIN, lot="R-KEPT")) == (1, 0)
    assert plant.task("R-LOST", "putaway").escalation_level == 0
    await forward(temporal_env, plant, handle.id, timedelta(days=30))
    await until(lambda: plant.task("R-LOST", "putaway").escalation_level >= 1)


STANDS_IN = ("BatchLifecycle", "Nonsense", "OutboxDispatch")
"""What somebody who reaches the engine starts in the place of a batch: its own kind with what makes it fail, no kind, another kind."""


async def stand_in(plant: Plant, lot: str, kind: str) -> None:
    run = await record_of(plant.engine).running(f"lot/{lot}")
    assert run is not None
    no_zone = Timer(stage="putaway", at=datetime(2026, 1, 1), level=1, to_role="x")  # noqa: DTZ001 - as nobody of ours would
    given = ProcessStart(workflow_id=f"lot/{lot}", lot_no=lot, run=run.model_copy(update={"timers": (no_zone,)}))
    handle = plant.client.get_workflow_handle(f"lot/{lot}")
    await handle.terminate("by hand")
    args = [given] if kind == "BatchLifecycle" else []
    await plant.client.start_workflow(kind, args=args, id=handle.id, task_queue=QUALITY)


@pytest.fixture
async def touchy(fresh_database: TestDatabase) -> AsyncIterator[Plant]:
    """A plant on a server that tells at the second failure of a task that there is a problem, not at the fifth."""
    env = await temporal.start_time_skipping("system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2")
    try:
        with env.with_time_skipping_disabled():
            async with working(fresh_database.engine, env.client) as plant:
                yield plant
                await histories.end_all(env.client)
    finally:
        await env.shutdown()


async def test_what_stands_in_the_place_of_a_process_and_cannot_go_on_gives_way_to_it(touchy: Plant) -> None:
    plant, lots = touchy, [f"R-SQUAT-{n}" for n in range(len(STANDS_IN))]
    for lot, kind in zip(lots, STANDS_IN, strict=True):
        await plant.receive(lot)
        await plant.measure(lot)
        await plant.complete(lot, "inspect", "lin.jian", "accepted")
        await plant.client.get_workflow_handle(f"inspection/{lot}/1").result()
        await stand_in(plant, lot, kind)
    with past_walls(plant.engine) as connection:
        connection.execute(OLDER)
    reconciling = Reconciling(plant.engine, plant.client)

    async def all_follow() -> bool:
        await reconciling.reconcile()
        seen = [await plant.client.get_workflow_handle(f"lot/{lot}").describe() for lot in lots]
        again = [plant.scalar(AGAIN, lot=lot) for lot in lots]
        return again == [1] * len(lots) and {one.workflow_type for one in seen} == {"BatchLifecycle"}

    await until_async(all_follow)
    for lot in lots:
        await plant.complete(lot, "putaway", "li.cang", signed=False, form={"location": "RM-A1"})
        assert plant.scalar("select status from process_run where workflow_id = :id", id=f"lot/{lot}") == "running"
    assert (await reconciling.reconcile())["begun_again"] == 0


async def test_the_schedules_catch_up_for_a_bounded_time_and_stay_as_their_operator_left_them(plant: Plant) -> None:
    await schedules.ensure_reconciling(plant.client)
    await schedules.ensure_drills(plant.client, "Asia/Shanghai")
    handle = plant.client.get_schedule_handle("recall-drills")
    await handle.pause(note="works council")
    await schedules.ensure_drills(plant.client, "Asia/Shanghai")
    found = (await handle.describe()).schedule
    assert (found.policy.catchup_window, found.state.paused) == (schedules.DRILL_CATCH_UP, True)
    minutes = (await plant.client.get_schedule_handle("reconcile").describe()).schedule
    assert minutes.policy.catchup_window == schedules.RECONCILED
    for name in ("recall-drills", "reconcile"):
        await plant.client.get_schedule_handle(name).delete()


OLD = text(
    "insert into applied (activity_key, receipt, at)"
    " select 'old:' || n, '{}', now() - interval '1 year' from generate_series(1, 25) n"
)
KEPT = "select count(*) from applied where activity_key not like 'old:%'"
YOUNG = text("insert into applied (activity_key, receipt) select 'young:' || n, '{}' from generate_series(1, 1001) n")


async def test_bookkeeping_of_long_ago_goes_by_night_and_that_of_today_stays(
    plant: Plant,
) -> None:
    await schedules.ensure_tidying(plant.client, "Asia/Shanghai")
    handle = plant.client.get_schedule_handle("tidy")
    action = (await handle.describe()).schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert (action.workflow, action.id) == ("Upkeep", "tidy")
    await handle.delete()
    await plant.receive("R-TIDY")
    with act(plant.engine, SETUP) as session:
        session.connection().execute(OLD)
        session.connection().execute(YOUNG)
    kept = plant.scalar(KEPT)
    assert (await Tidying(plant.engine, most=10).tidy())["applied"] == 25
    done = await plant.client.execute_workflow(Upkeep.run, "tidy", id="tidy", task_queue=QUALITY)
    assert set(done) == {"applied", "outbox", "idempotency_key", "login_session", "task_draft"}
    assert not any(done.values())
    assert plant.scalar(KEPT) == kept
