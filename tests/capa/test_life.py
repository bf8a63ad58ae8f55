"""The life of a CAPA over a year on the real server: late, escalated once per level, not effective, again, effective, closed (REQ 40, 42)."""

from datetime import date, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from models.capa.messages import OpenCapa
from models.kernel.refusal import Refusal
from models.nonconformance.messages import RaiseNonconformance
from tests.support.often import DEEP
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.database import past_walls
from tests.support.servers.until import born, until
from workflows.process import timers
from workflows.temporal import start

A_DAY = timedelta(days=1)
LEVELS = (
    "select coalesce(array_agg((e.after ->> 'escalation_level')::int order by e.id), '{}') from audit_event e join human_task t on t.id = e.row_id"
    " join subject s on s.id = t.subject_id where e.table_name = 'human_task' and s.number = :number and t.stage = :stage"
    " and e.actor_id = 'service:clock'"
)
DAYS = (
    (
        "update process_run set state = jsonb_set(state, '{facts,item.due}', to_jsonb(((state #>> '{facts,item.due}')::date - :days)::text))"
        " where workflow_id = :id and state #>> '{facts,item.due}' is not null"
    ),
    (
        "update process_run set state = jsonb_set(state, '{forms,plan,measure_on}', to_jsonb(((state #>> '{forms,plan,measure_on}')::date - :days)::text))"
        " where workflow_id = :id and state #>> '{forms,plan,measure_on}' is not null"
    ),
    (
        "update human_task t set form = jsonb_set(t.form, '{measure_on}', to_jsonb(((t.form ->> 'measure_on')::date - :days)::text))"
        " from process_run r where r.id = t.run_id and r.workflow_id = :id and t.form ->> 'measure_on' is not null"
    ),
    (
        "update capa_plan p set measure_on = measure_on - :days, fixed_at = fixed_at - make_interval(days => :days), planned_at = planned_at - make_interval(days => :days),"
        " verified_at = verified_at - make_interval(days => :days) from capa c, process_run r"
        " where c.id = p.capa_id and r.subject_id = c.subject_id and r.workflow_id = :id and r.parent_id is null"
    ),
)
INVESTIGATED = {
    "problem": "直径偏大",
    "method": "five_why",
    "steps": [{"asked": "为什么偏大", "found": "刀具磨损"}],
    "cause": "换刀周期过长",
    "cause_class": "tool",
}
VERIFIED = {"evidence": "换刀记录", "no_adverse_effect": True}


def in_days(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 - the plant's day, give or take one


def planned(**more: Any) -> dict[str, Any]:
    action = {
        "title": "缩短换刀周期",
        "kind": "corrective",
        "area": "production",
        "owner": "wang.cao",
        "due": in_days(10),
    }
    return {
        "actions": [action],
        "measure": "findings",
        "direction": "at_most",
        "limit": "0",
        "item": "PEEK-20",
        "measure_on": in_days(100),
        **more,
    }


async def later(env: WorkflowEnvironment, plant: Plant, workflow_id: str, days: int) -> None:
    """So many days later, for one workflow and in the record."""
    await born(plant.client, workflow_id)
    by = days * A_DAY + timedelta(minutes=1)
    aged(plant.engine, workflow_id, by)
    with past_walls(plant.engine) as connection:
        for statement in DAYS:
            connection.execute(text(statement), {"days": days, "id": workflow_id})
    # a process on its way would ask the record each day what it says all the time, a hundred times until it is measured
    with patch.object(timers, "ASKED_AGAIN", A_DAY), patch.object(timers, "A_DAY", max(A_DAY, by / 4)):
        assert await env.fast_forward(plant.client.get_workflow_handle(workflow_id), by)


async def opened(plant: Plant, title: str) -> str:
    command = OpenCapa(command_id=str(uuid4()), by=plant.by("zhou.shen"), title=title, item_no="PEEK-20")
    return str((await start.ask(plant.client, command)).data["number"])


async def to_the_plan(plant: Plant, number: str) -> None:
    await complete(plant, number, "contain", "zhou.shen", form={"containment": "已冻结在库"})
    await complete(plant, number, "investigate", "zhou.shen", form=INVESTIGATED)
    await complete(plant, number, "judge", "zhou.shen", "needed", signed=False)


async def to_the_wait(plant: Plant, number: str, **more: Any) -> None:
    await complete(plant, number, "plan", "zhou.shen", form=planned(**more))
    await complete(plant, number, "approve", "chen.pi", "approve")
    await complete(plant, number, "do_production", "wang.cao", "done", signed=False, form={"said": "已改"})
    await complete(plant, number, "verify", "chen.pi", "verified", form=VERIFIED)


def action_of(plant: Plant, number: str) -> str:
    """The workflow of its newest action."""
    return str(
        plant.scalar(
            "select workflow_id from process_run where workflow_id like :like order by id desc limit 1",
            like=f"capa-action/{number}/%",
        )
    )


async def found_again(plant: Plant) -> str:
    command = RaiseNonconformance(command_id=str(uuid4()), by=plant.by("li.cang"), title="又偏大", item_no="PEEK-20")
    return str((await start.ask(plant.client, command)).data["number"])


async def test_a_year_late_not_effective_again_and_closed(plant: Plant, temporal_env: WorkflowEnvironment) -> None:
    await start.ensure_outbox(plant.client)
    number = await opened(plant, "直径连续超差")
    workflow = f"capa/{number}"
    # nobody contains it: told once at each level
    for days, level in ((1, 1), (2, 2)):
        await later(temporal_env, plant, workflow, days)
        await until(lambda level=level: open_task(plant, number, "contain").escalation_level == level)  # type: ignore[misc]
    assert plant.scalar(LEVELS, number=number, stage="contain") == [1, 2]
    await to_the_plan(plant, number)
    await complete(plant, number, "plan", "zhou.shen", form=planned())
    with pytest.raises(Refusal):  # whoever wrote it doesn't fix it
        await complete(plant, number, "approve", "zhou.shen", "approve")
    await complete(plant, number, "approve", "chen.pi", "approve")
    # the action is late, gets more time by a signature, and is done
    action = action_of(plant, number)
    task = open_task(plant, number, "do_production")
    assert task.assignee_id == plant.by("wang.cao").person_id
    await later(temporal_env, plant, action, 11)
    await until(lambda: open_task(plant, number, "do_production").escalation_level == 1)
    with pytest.raises(Refusal, match="CAP-011"):
        await complete(plant, number, "do_production", "wang.cao", "extend", signed=False, form={"said": "待料", "until": in_days(-1)})  # fmt: skip
    await complete(plant, number, "do_production", "wang.cao", "extend", signed=False, form={"said": "待料", "until": in_days(5)})  # fmt: skip
    await complete(plant, number, "extension", "chen.pi", "agree", reason="供方延迟")
    assert open_task(plant, number, "do_production").escalation_level == 0
    assert plant.scalar(
        "select values ->> 'until' from fact where name = 'capa.extended' order by id desc limit 1"
    ) == in_days(5)
    await complete(plant, number, "do_production", "wang.cao", "done", signed=False, form={"said": "已改"})
    with pytest.raises(Refusal, match="CAP-007"):
        await complete(plant, number, "verify", "chen.pi", "verified", form={**VERIFIED, "no_adverse_effect": False})
    await complete(plant, number, "verify", "chen.pi", "verified", form=VERIFIED)
    assert stages(plant, number) == []
    # it has not helped: something is found again before the day comes, and it is investigated anew
    again = await found_again(plant)
    await later(temporal_env, plant, workflow, 101)
    await until(lambda: stages(plant, number) == ["contain", "investigate"])
    assert (
        plant.scalar(
            "select result || ' ' || value::int || ' ' || array_to_string(behind, ',') from capa_measurement order by id desc limit 1"
        )
        == f"failed 1 {again}"
    )
    with past_walls(plant.engine) as connection:  # the time since lies behind it too
        connection.execute(
            text("update nonconformance set opened_at = opened_at - interval '101 days' where nonconformance_no = :n"),
            {"n": again},
        )
    await to_the_plan(plant, number)
    await to_the_wait(plant, number)
    await later(temporal_env, plant, workflow, 101)
    await until(lambda: stages(plant, number) == ["close"])
    with pytest.raises(Refusal):
        await complete(plant, number, "close", "chen.pi", "close")
    await complete(plant, number, "close", "wu.jingli", "close")
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "closed"
    rounds = "select array_agg(m.result order by p.round) from capa_plan p join capa_measurement m on m.plan_id = p.id join capa c on c.id = p.capa_id where c.capa_no = :n"
    assert plant.scalar(rounds, n=number) == ["failed", "effective"]
    assert plant.scalar("select status from capa where capa_no = :n", n=number) == "closed"


@pytest.mark.skipif(not DEEP, reason="a second year costs as much again; its rules and walls have tests of their own")
async def test_too_little_data_takes_a_new_plan_and_an_undecided_finding_keeps_it_open(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    await start.ensure_outbox(plant.client)
    finding = await found_again(plant)
    command = OpenCapa(command_id=str(uuid4()), by=plant.by("zhou.shen"), title="毛刺", nonconformances=(finding,))
    number = str((await start.ask(plant.client, command)).data["number"])
    workflow = f"capa/{number}"
    await to_the_plan(plant, number)
    await to_the_wait(plant, number, measure="failed_share", limit="5", least="3", supplier="S-1")
    await later(temporal_env, plant, workflow, 101)
    await until(lambda: stages(plant, number) == ["plan"])
    await to_the_wait(plant, number, limit="99")
    await later(temporal_env, plant, workflow, 101)
    await until(lambda: stages(plant, number) == ["close"])
    with pytest.raises(Refusal, match="CAP-009"):
        await complete(plant, number, "close", "wu.jingli", "close")
    await complete(plant, finding, "decide", "chen.pi", "unfounded", reason="误判", form={"cause": "测量误差"})
    await complete(plant, number, "close", "wu.jingli", "close")
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "closed"
