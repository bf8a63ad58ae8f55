"""The life of a change on the real server: late, approved, its batches paused and decided on, its tasks late and done, verified, closed (REQ 45, 46)."""

from datetime import date, timedelta
from unittest.mock import patch

import pytest
from sqlalchemy import text
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.testing import WorkflowEnvironment

from models.kernel.refusal import Refusal
from tests.change.asking import TRAINED, agreed, assessed, carried_out, decide, effective, item, locks, opened
from tests.change.test_emergency import ASSESSED, done
from tests.change.test_temporary import SHIFT, TOLD, holding
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.database import past_walls
from tests.support.servers.until import born, until
from workflows.process import timers
from workflows.temporal import start

A_DAY = timedelta(days=1)
DAY = (
    "update process_run set state = jsonb_set(state, '{facts,item.due}', to_jsonb(((state #>> '{facts,item.due}')::date - :days)::text))"
    " where workflow_id = :id and state #>> '{facts,item.due}' is not null"
)


async def later(env: WorkflowEnvironment, plant: Plant, workflow_id: str, days: int) -> None:
    """So many days later, for one workflow and in the record."""
    by = days * A_DAY + timedelta(minutes=1)
    aged(plant.engine, workflow_id, by)
    with past_walls(plant.engine) as connection:
        connection.execute(text(DAY), {"days": days, "id": workflow_id})
    with patch.object(timers, "ASKED_AGAIN", A_DAY):
        assert await env.fast_forward(plant.client.get_workflow_handle(workflow_id), by)


async def test_from_the_request_to_its_closing_with_a_batch_that_waits(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    await start.ensure_outbox(plant.client)
    await plant.receive("L-1")
    await plant.measure("L-1")
    number = await opened(plant, lot_nos=("L-1",))
    workflow = f"change/{number}"
    await born(plant.client, workflow)
    await later(temporal_env, plant, workflow, 7)
    await until(lambda: open_task(plant, number, "assess").escalation_level == 1)
    due = (date.today() + timedelta(days=10)).isoformat()  # noqa: DTZ011 - the plant's day, give or take one
    planned = [{**one, "due": due} for one in assessed()["tasks"]]
    await agreed(plant, number, tasks=planned, training=[TRAINED])
    await complete(plant, number, "approve", "wu.jingli", "approve")
    with pytest.raises(Refusal, match="CHG-001"):
        await plant.complete("L-1", "inspect", "lin.jian", "accepted")
    await later(temporal_env, plant, workflow, 1)
    await until(lambda: open_task(plant, number, "batches").escalation_level == 1)
    await decide(plant, number, L_1="old_way")
    await plant.complete("L-1", "inspect", "lin.jian", "accepted")  # it goes on at once, where it waited
    assert locks(plant, number) == {"L-1": "incoming old_way"}
    task, training = f"change-task/{number}/1", f"change-training/{number}/2"
    await born(plant.client, task)
    await born(plant.client, training)
    await later(temporal_env, plant, task, 11)  # its day has ended, and nobody has done it
    await until(lambda: open_task(plant, number, "carry_process_owner").escalation_level == 1)
    await carried_out(plant, number)
    await complete(plant, number, "verify", "chen.pi", "verified", form={"evidence": "SOP-17 v3"})
    with pytest.raises(Refusal, match="CHG-020"):
        await effective(plant, number)
    await complete(plant, number, "read_operator", "wang.cao", signed=True)
    await effective(plant, number)
    await complete(plant, number, "close", "wu.jingli", "close", form={"done": "按新方式生产"})
    ended = [(await plant.client.get_workflow_handle(one).result())["result"] for one in (task, training, workflow)]
    assert ended == ["done", "done", "closed"]
    await _withdrawn(plant)
    await _emergency(plant, temporal_env)
    await _temporary(plant, temporal_env)


async def _temporary(plant: Plant, env: WorkflowEnvironment) -> None:
    """Of two temporary changes the one goes back when its last batch is made, the other when its day has ended and everything had stood still; each once."""
    goods = item(plant, "LIFE-T")
    one, day = await holding(plant, goods, batches=1), await holding(plant, goods, days=2)
    for number in (one, day):
        await born(plant.client, f"change-temporary/{number}")
        await born(plant.client, f"change-ending/{number}/1")
    await until(lambda: "say" in stages(plant, one))  # its last batch is left, and its owner is asked
    await until(lambda: "say" in stages(plant, day))  # fewer than five working days are left
    await plant.receive("LT-1", item_no=goods)
    await until(lambda: stages(plant, one) == ["close"])
    workflow = f"change-temporary/{day}"
    with past_walls(plant.engine) as connection:
        connection.execute(SHIFT, {"n": day})
    with patch.object(timers, "ASKED_AGAIN", A_DAY):
        assert await env.fast_forward(plant.client.get_workflow_handle(workflow), 4 * A_DAY)
    await until(lambda: stages(plant, day) == ["close"])
    assert plant.scalar(TOLD, n=day, name="change.ended") == 1
    await complete(plant, one, "close", "wu.jingli", "close", form={"done": "已恢复"})
    assert (await plant.client.get_workflow_handle(f"change-temporary/{one}").result())["result"] == "closed"
    with pytest.raises(WorkflowFailureError):  # nobody is asked any more
        await plant.client.get_workflow_handle(f"change-ending/{one}/1").result()


async def _emergency(plant: Plant, env: WorkflowEnvironment) -> None:
    """One that was done already is told of when the day of its approval has passed, once per level, and goes on to its end."""
    number = await opened(plant, already=done())
    workflow = f"change-emergency/{number}"
    await born(plant.client, workflow)
    await complete(plant, number, "assess_done", "zhou.shen", form=ASSESSED)
    await later(env, plant, workflow, 4)
    await until(lambda: open_task(plant, number, "approve_done").escalation_level == 1)
    await later(env, plant, workflow, 2)
    await until(lambda: open_task(plant, number, "approve_done").escalation_level == 2)
    await complete(plant, number, "approve_done", "wu.jingli", "turn_down", reason="未验证")
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "turned_down"


async def _withdrawn(plant: Plant) -> None:
    """Withdrawn, what nobody has done ends by itself."""
    number = await opened(plant)
    await born(plant.client, f"change/{number}")
    await agreed(plant, number)
    await complete(plant, number, "approve", "wu.jingli", "approve")
    task = f"change-task/{number}/1"
    await born(plant.client, task)
    await complete(plant, number, "verify", "chen.pi", "withdraw", form={"evidence": "停产"}, reason="停产")
    with pytest.raises(WorkflowFailureError) as ended:
        await plant.client.get_workflow_handle(task).result()
    assert isinstance(ended.value.cause, CancelledError)
