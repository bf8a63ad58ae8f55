"""The life of a request on the real server: late, its link ended, sent again, answered while no worker lives, sent back, accepted, closed (REQ 52)."""

from datetime import timedelta
from unittest.mock import patch

from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete, stages
from tests.support.processes.scars import answered, in_days, raised, sent, supplier
from tests.support.servers.database import past_walls
from tests.support.servers.until import born, until
from workflows.process import timers
from workflows.temporal import start

A_DAY = timedelta(days=1)
DAYS = (
    (
        "update process_run set state = jsonb_set(jsonb_set(state, '{{forms,{stage},{one}}}', to_jsonb(((state #>> '{{forms,{stage},{one}}}')::date - :days)::text)),"
        " '{{forms,{stage},{other}}}', to_jsonb(((state #>> '{{forms,{stage},{other}}}')::date - :days)::text))"
        " where workflow_id = :id and state #>> '{{forms,{stage},{one}}}' is not null"
    ),
    (
        "update human_task t set form = t.form || jsonb_build_object('{one}', (t.form ->> '{one}')::date - :days, '{other}', (t.form ->> '{other}')::date - :days)"
        " from process_run r where r.id = t.run_id and r.workflow_id = :id and t.stage = '{stage}' and t.status = 'done'"
    ),
)
ROUNDS = (
    "update scar_round r set answer_by = answer_by - :days, expires_at = expires_at - make_interval(days => :days),"
    " sent_at = sent_at - make_interval(days => :days) from scar c where c.id = r.scar_id and 'scar/' || c.scar_no = :id"
)


async def later(env: WorkflowEnvironment, plant: Plant, workflow_id: str, days: int) -> None:
    """So many days later, for one workflow and in the record."""
    by = days * A_DAY + timedelta(minutes=1)
    aged(plant.engine, workflow_id, by)
    with past_walls(plant.engine) as connection:
        for stage, one, other in (("send", "answer_by", "link_until"), ("plan_check", "check_on", "check_on")):
            for statement in DAYS:
                given = {"days": days, "id": workflow_id}
                connection.execute(text(statement.format(stage=stage, one=one, other=other)), given)
        connection.execute(text(ROUNDS), {"days": days, "id": workflow_id})
    with patch.object(timers, "ASKED_AGAIN", A_DAY), patch.object(timers, "A_DAY", max(A_DAY, by / 4)):
        assert await env.fast_forward(plant.client.get_workflow_handle(workflow_id), by)


async def test_late_sent_again_answered_sent_back_accepted_and_closed(plant: Plant, temporal_env: WorkflowEnvironment) -> None:  # fmt: skip
    await start.ensure_outbox(plant.client)
    who = supplier(plant, "LIFE-S")
    number = await raised(plant, who)
    workflow = f"scar/{number}"
    await born(plant.client, workflow)
    first = await sent(plant, number, due=7, until=14)
    assert stages(plant, number) == []
    # nobody answers: people here are told, and when the link has ended it is to be sent again
    await later(temporal_env, plant, workflow, 15)
    await until(lambda: stages(plant, number) == ["send"], patience=25)
    second = await sent(plant, number, note="请尽快答复")
    # an answer is taken by the record, whether the workflow hears of it at once or not
    await answered(plant, who, second)
    await until(lambda: stages(plant, number) == ["review"])
    await complete(plant, number, "review", "chen.pi", "back", reason="原因不充分")
    third = await sent(plant, number)
    assert len({first, second, third}) == 3
    await answered(plant, who, third, cause="刀具寿命未监控")
    await until(lambda: stages(plant, number) == ["review"])
    await complete(plant, number, "review", "chen.pi", "accept_and_check")
    await complete(plant, number, "plan_check", "zhou.shen", form={"check_on": in_days(90)})
    await later(temporal_env, plant, workflow, 91)
    await until(lambda: stages(plant, number) == ["helped"])
    await complete(plant, number, "helped", "chen.pi", "helped", form={"seen": "之后 6 批合格"})
    await complete(plant, number, "close", "wu.jingli", "close")
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "closed"
    assert plant.scalar("select status from scar where scar_no = :n", n=number) == "closed"
