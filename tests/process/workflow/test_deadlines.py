"""Tasks have clocks: two levels of escalation, each once, none after completion (REQUIREMENTS 88; STANDARDS N 48).

The task's clock begins at the record's time; the workflow's virtual clock is moved by `fast_forward`, and the record made older by as much.
"""

from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

from temporalio.testing import WorkflowEnvironment

from models.hold.messages import PlaceHold
from tests.support.house.proves import proves
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.servers.until import born, until, until_async
from workflows.process import timers

A_MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)


def escalations(plant: Plant, lot: str) -> list[tuple[str, int]]:
    """What the lot's timeline says."""
    rows = plant.scalar(
        "select coalesce(jsonb_agg(jsonb_build_array(f.data ->> 'stage', f.data -> 'level') order by f.id), '[]')"
        " from lot_fact f join lot l on l.id = f.lot_id where l.lot_no = :lot and f.fact = 'task.escalated'",
        lot=lot,
    )
    return [(stage, level) for stage, level in rows]


async def forward(env: WorkflowEnvironment, plant: Plant, workflow_id: str, by: timedelta) -> None:
    """So much later, for one workflow and in the record.

    The record is there at once: a process on its way would ask it each hour what it says all the time, a hundred times in four days.
    """
    await born(plant.client, workflow_id)
    aged(plant.engine, workflow_id, by)
    with patch.object(timers, "ASKED_AGAIN", A_DAY):
        assert await env.fast_forward(plant.client.get_workflow_handle(workflow_id), by)


async def settled(plant: Plant, workflow_id: str) -> None:
    """Everything that the clock has asked for is done: nothing is pending."""
    handle = plant.client.get_workflow_handle(workflow_id)

    async def idle() -> bool:
        raw = (await handle.describe()).raw_description
        return not raw.pending_activities and not raw.HasField("pending_workflow_task")

    await until_async(idle)


@proves("R9")
async def test_a_task_escalates_twice_and_no_more(plant: Plant, temporal_env: WorkflowEnvironment) -> None:
    await plant.receive("D-1")
    workflow = "inspection/D-1/1"
    before = plant.task("D-1", "inspect")
    assert before.due_at is not None
    assert before.pick_up_by is not None
    assert (before.due_at - before.opened_at, before.pick_up_by - before.opened_at) == (2 * A_DAY, A_DAY / 3)

    await forward(temporal_env, plant, workflow, 2 * A_DAY - A_MINUTE)
    await settled(plant, workflow)
    assert escalations(plant, "D-1") == []

    await forward(temporal_env, plant, workflow, 2 * A_MINUTE)
    task = await until(lambda: (one := plant.task("D-1", "inspect")).escalation_level == 1 and one)
    assert (task.escalated_to, task.role, task.status) == ("quality_manager", "inspector", "open")

    await forward(temporal_env, plant, workflow, 2 * A_DAY)
    await until(lambda: plant.task("D-1", "inspect").escalation_level == 2)

    await forward(temporal_env, plant, workflow, 30 * A_DAY)
    await settled(plant, workflow)
    assert escalations(plant, "D-1") == [("inspect", 1), ("inspect", 2)]
    told = plant.scalar("select count(*) from outbox o join lot l on l.id = o.lot_id where l.lot_no = 'D-1'"
                        " and o.fact = 'task.escalated'")  # fmt: skip
    assert told == 2
    actors = plant.scalar(
        "select string_agg(distinct actor_id, ',') from audit_event where table_name = 'human_task'"
        " and row_id = :task and operation = 'update'",
        task=task.id,
    )
    assert actors == "service:clock"


async def test_an_overdue_task_can_still_be_done_and_then_is_quiet(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    await plant.receive("D-2")
    await forward(temporal_env, plant, "inspection/D-2/1", 2 * A_DAY + A_MINUTE)
    await until(lambda: escalations(plant, "D-2") == [("inspect", 1)])
    await plant.measure("D-2")
    await plant.complete("D-2", "inspect", "lin.jian", "accepted")
    await plant.client.get_workflow_handle("inspection/D-2/1").result()
    await forward(temporal_env, plant, "lot/D-2", A_DAY + A_MINUTE)
    await until(lambda: escalations(plant, "D-2") == [("inspect", 1), ("putaway", 1)])
    await plant.complete("D-2", "putaway", "li.cang", signed=False, form={"location": "RM-A1"})
    await forward(temporal_env, plant, "lot/D-2", 300 * A_DAY)
    await settled(plant, "lot/D-2")
    assert escalations(plant, "D-2") == [("inspect", 1), ("putaway", 1)]


async def test_no_clock_runs_on_after_completion(plant: Plant, temporal_env: WorkflowEnvironment) -> None:
    await plant.material("D-3")
    await forward(temporal_env, plant, "lot/D-3", 300 * A_DAY)
    await settled(plant, "lot/D-3")
    assert escalations(plant, "D-3") == []
    assert plant.status("D-3") == "released"


async def test_the_clock_of_a_release_is_stage_by_stage(plant: Plant, temporal_env: WorkflowEnvironment) -> None:
    await plant.material("D-M", 100)
    await plant.make("D-4", "D-M", 50)
    await forward(temporal_env, plant, "release/D-4/1", timedelta(hours=8, minutes=1))
    await until(lambda: escalations(plant, "D-4") == [("review", 1)])
    await plant.complete("D-4", "review", "zhou.shen", "release")
    # the review is never late again
    await forward(temporal_env, plant, "release/D-4/1", 3 * A_DAY)
    await until(lambda: escalations(plant, "D-4") == [("review", 1), ("approve", 1), ("approve", 2)])
    await settled(plant, "release/D-4/1")
    assert plant.task("D-4", "approve").escalation_level == 2
    assert plant.done_task("D-4", "review").escalation_level == 1


async def test_a_held_release_still_has_its_deadline(plant: Plant, temporal_env: WorkflowEnvironment) -> None:
    """A hold is no excuse: somebody must decide what becomes of the batch."""
    await plant.make("D-5", "D-M", 10)
    hold = PlaceHold(command_id=str(uuid4()), by=plant.by("wu.jingli"), lot_nos=("D-5",), reason="投诉")
    placed = await plant.door.place_hold(plant.client, hold)
    await forward(temporal_env, plant, "release/D-5/1", timedelta(hours=8, minutes=1))
    await until(lambda: escalations(plant, "D-5") == [("review", 1)])
    lift = plant.lifting(placed.data["holds"][0], reason="已查明")
    await plant.door.lift_hold(plant.client, lift)
    await plant.complete("D-5", "review", "zhou.shen", "release")
    await plant.complete("D-5", "approve", "chen.pi", "release")
    assert plant.status("D-5") == "released"


async def test_an_engine_that_is_ahead_of_the_record_asks_again(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    await plant.receive("D-6")
    workflow = "inspection/D-6/1"
    await born(plant.client, workflow)
    handle = plant.client.get_workflow_handle(workflow)
    assert await temporal_env.fast_forward(handle, 2 * A_DAY + A_MINUTE)
    asked = "select count(*) from applied where activity_key like :key and receipt -> 'data' ? 'early'"
    await until(lambda: plant.scalar(asked, key=f"{workflow}:%"))
    await settled(plant, workflow)
    assert escalations(plant, "D-6") == []
    aged(plant.engine, workflow, 2 * A_DAY)
    assert await temporal_env.fast_forward(handle, timers.ASKED_AGAIN)
    await until(lambda: escalations(plant, "D-6") == [("inspect", 1)])
