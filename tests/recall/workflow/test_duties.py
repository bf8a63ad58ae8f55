"""Legal deadlines as durable timers of the recall, on the real server with its clock moved (STANDARDS T 58-65; DESIGN 6a)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from activities.delivery import Delivery
from activities.reconciling import Reconciling
from models.kernel.refusal import Refusal
from tests.process.workflow.test_deadlines import forward
from tests.support import histories, stock
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant, working
from tests.support.plant.recalling import Recalling, move
from tests.support.servers import temporal
from tests.support.servers.database import TestDatabase
from tests.support.servers.until import born, until
from workflows.background.upkeep import Upkeep
from workflows.temporal.queues import QUALITY

NUMBERS = count(1)
DUTY = (
    "select t.status || ' ' || t.escalation_level from human_task t join recall_deadline d on d.run_id = t.run_id"
    " join recall r on r.id = d.recall_id where r.recall_no = :no and d.rule_key = :rule order by t.id desc limit 1"
)
MOST = 20
"""Updates that this server takes of one history."""
PLAN, SUMMARY = "cn.recall.plan", "cn.recall.summary"


async def decided(plant: Plant, mode: str = "recall") -> Recalling:
    """A material of which the hospital got ten, its recall decided."""
    n, desk = next(NUMBERS), stock.at_record(plant)
    await desk.material(f"LT-{n}", 100)
    await desk.ship(f"LT-S{n}", f"LT-{n}", 10)
    stock.handed_on(plant.engine)
    recall = Recalling(plant, f"{'RD' if mode == 'drill' else 'RC'}-LT-{n}", mode)
    await recall.open(f"LT-{n}")
    await recall.freeze()
    return recall


def workflow_of(recall: Recalling) -> str:
    return f"recall/{recall.number}"


def duty(recall: Recalling, rule: str) -> str | None:
    found: str | None = recall.plant.scalar(DUTY, no=recall.number, rule=rule)
    return found


async def told(plant: Plant) -> None:
    """What the record has to say has arrived."""
    while await Delivery(plant.engine, plant.client).deliver_once():
        pass


async def test_a_missed_deadline_is_told_before_and_at_its_end_by_the_recalls_own_timers(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    recall = await decided(plant)
    assert duty(recall, PLAN) is None
    due = plant.scalar(
        "select d.due_at - now() from recall_deadline d join recall r on r.id = d.recall_id"
        " where r.recall_no = :no and d.rule_key = :rule",
        no=recall.number,
        rule=PLAN,
    )
    await forward(temporal_env, plant, workflow_of(recall), due - timedelta(hours=20))
    await until(lambda: duty(recall, PLAN) == "open 0")
    await forward(temporal_env, plant, workflow_of(recall), timedelta(hours=21))
    await until(lambda: duty(recall, PLAN) == "open 2")
    await told(plant)
    await born(plant.client, plant.workflow_of(recall.duty(PLAN)))


async def test_a_market_that_becomes_known_later_is_timed_by_the_same_recall(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    move(plant, "C-1", None)
    recall = await decided(plant)
    move(plant, "C-1", "DE")
    await plant.client.execute_workflow(Upkeep.run, "reconcile", id="reconcile", task_queue=QUALITY)
    move(plant, "C-1", "CN")
    await told(plant)
    await forward(temporal_env, plant, workflow_of(recall), timedelta(days=16))
    await until(lambda: duty(recall, "eu.mdr87.fsca") == "open 2")


async def test_a_report_that_was_filed_early_leaves_nothing_to_fire(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    recall = await decided(plant)
    await recall.file("plan")
    await told(plant)
    await forward(temporal_env, plant, workflow_of(recall), timedelta(days=60))
    await until(lambda: (duty(recall, "cn.recall.progress.2") or "").startswith("open"))
    assert duty(recall, PLAN) is None


async def test_a_drill_starts_no_legal_timer(plant: Plant, temporal_env: WorkflowEnvironment) -> None:
    drill = await decided(plant, "drill")
    await forward(temporal_env, plant, workflow_of(drill), timedelta(days=60))
    tasks = "select count(*) from human_task t join recall r on r.id = t.recall_id where r.recall_no = :no and t.process = 'legal-deadline'"  # fmt: skip
    assert plant.scalar(tasks, no=drill.number) == 0


async def closed(plant: Plant) -> Recalling:
    recall = await decided(plant)
    await recall.do("hold_all", "sun.zhao")
    await recall.do("notify", "sun.zhao")
    recall.post()
    await recall.file("plan")
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.decide()
    await recall.do("close", "wu.jingli", "close", signed=True, reason="约定退回")
    return recall


async def test_a_closed_recall_lives_until_its_last_report_and_ends_with_it(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    recall = await closed(plant)
    handle = plant.client.get_workflow_handle(workflow_of(recall))
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    await forward(temporal_env, plant, workflow_of(recall), timedelta(days=5))
    assert duty(recall, SUMMARY) is None
    await recall.file("summary")
    await told(plant)
    assert (await handle.result())["result"] == "closed"
    assert duty(recall, SUMMARY) is None


async def test_a_closed_recall_that_the_server_lost_still_tells_of_its_missed_report(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    recall = await closed(plant)
    handle = plant.client.get_workflow_handle(workflow_of(recall))
    await handle.terminate("the server lost it")
    assert (await Reconciling(plant.engine, plant.client).reconcile())["begun_again"] >= 1
    await born(plant.client, workflow_of(recall))
    aged(plant.engine, handle.id, timedelta(days=60))
    await temporal_env.fast_forward(handle, timedelta(days=60))  # it ends before that
    await until(lambda: duty(recall, SUMMARY) == "open 2")
    assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED


@pytest.fixture
async def short(fresh_database: TestDatabase) -> AsyncIterator[tuple[Plant, WorkflowEnvironment]]:
    """A server that wants a new history after that many answers."""
    env = await temporal.start_time_skipping(f"history.maxTotalUpdates={MOST}")
    try:
        with env.with_time_skipping_disabled():
            async with working(fresh_database.engine, env.client) as plant:
                yield plant, env
    finally:
        await env.shutdown()


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # of a run that was given up and replayed
async def test_the_timers_of_a_recall_outlive_its_history(short: tuple[Plant, WorkflowEnvironment]) -> None:
    plant, env = short
    recall = await decided(plant)
    await recall.do("hold_all", "sun.zhao")
    await recall.do("notify", "sun.zhao")
    [notice] = recall.notices()
    await recall.acknowledge(notice, 10)
    for _ in range(2 * MOST):
        with pytest.raises(Refusal, match="RCL-010"):
            await recall.acknowledge(notice, 10)
    await forward(env, plant, workflow_of(recall), timedelta(days=60))
    await until(lambda: duty(recall, PLAN) == "open 2")
    written = await histories.fetch_all(env.client, set())
    its_own = [one for one in written if one.workflow_id == workflow_of(recall)]
    assert len(its_own) > 1
    await histories.replay(its_own)
