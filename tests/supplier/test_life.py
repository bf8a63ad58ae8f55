"""The life of an approval on the real server: late, in force, assessed again on its day, ended, and what comes then is kept apart (REQ 49)."""

from datetime import timedelta
from unittest.mock import patch

from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from tests.supplier.asking import approved, asked, goods, signed
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.database import past_walls
from tests.support.servers.until import born, until
from workflows.process import timers
from workflows.temporal import start

A_DAY = timedelta(days=1)
FOUND = "select r.finding from supplier_receipt r join lot l on l.id = r.lot_id where l.lot_no = :lot"
DAYS = (
    (
        "update process_run set state = jsonb_set(jsonb_set(state, '{forms,terms,reassess_on}',"
        " to_jsonb(((state #>> '{forms,terms,reassess_on}')::date - :days)::text)), '{forms,terms,valid_until}',"
        " to_jsonb(((state #>> '{forms,terms,valid_until}')::date - :days)::text))"
        " where workflow_id = :id and state #>> '{forms,terms,reassess_on}' is not null"
    ),
    (
        "update human_task t set form = t.form || jsonb_build_object('reassess_on', (t.form ->> 'reassess_on')::date - :days,"
        " 'valid_until', (t.form ->> 'valid_until')::date - :days)"
        " from process_run r where r.id = t.run_id and r.workflow_id = :id and t.stage = 'terms' and t.status = 'done'"
    ),
    (
        "update supplier_approval a set reassess_on = reassess_on - :days, expires_on = expires_on - :days,"
        " approved_at = approved_at - make_interval(days => :days), round_at = round_at - make_interval(days => :days)"
        " from process_run r where r.subject_id = a.subject_id and r.workflow_id = :id"
    ),
)


async def later(env: WorkflowEnvironment, plant: Plant, workflow_id: str, days: int) -> None:
    """So many days later, for one workflow and in the record."""
    by = days * A_DAY + timedelta(minutes=1)
    aged(plant.engine, workflow_id, by)
    with past_walls(plant.engine) as connection:
        for statement in DAYS:
            connection.execute(text(statement), {"days": days, "id": workflow_id})
    with patch.object(timers, "ASKED_AGAIN", A_DAY), patch.object(timers, "A_DAY", max(A_DAY, by / 4)):
        assert await env.fast_forward(plant.client.get_workflow_handle(workflow_id), by)


async def test_it_is_assessed_again_on_its_day_and_ends_on_its_last(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    await start.ensure_outbox(plant.client)
    item = goods(plant, "LIFE-1", "L-1")
    number = await asked(plant, "L-1", item)
    workflow = f"supplier-approval/{number}/1"
    await born(plant.client, workflow)
    await later(temporal_env, plant, workflow, 14)
    await until(lambda: open_task(plant, number, "assess").escalation_level == 1)
    await signed(plant, number)

    async def receive(lot: str) -> str:
        await plant.receive(lot, 5, item_no=item, supplier_no="L-1")
        return str(plant.scalar(FOUND, lot=lot))

    assert (await receive("LIFE-A"), stages(plant, number)) == ("approved", [])
    # its day comes: a round that nobody asked for, and what is in force stays so meanwhile
    await later(temporal_env, plant, workflow, 341)
    await until(lambda: stages(plant, number) == ["assess"])
    assert (
        plant.scalar(
            "select round || coalesce('', asked_by_id::text) from supplier_approval where approval_no = :n", n=number
        )
        == "2"
    )
    assert await receive("LIFE-B") == "approved"
    # nobody has decided when its last day has ended
    await later(temporal_env, plant, workflow, 61)
    assert await receive("LIFE-C") == "expired"
    await signed(plant, number)
    assert await receive("LIFE-D") == "approved"
    # somebody asks before its day: the workflow takes it up at once
    assert await asked(plant, "L-1", item, reason="来货波动") == number
    await until(lambda: stages(plant, number) == ["assess"])
    form = {"basis": "history", "risk": "high", "findings": "尺寸波动"}
    await complete(plant, number, "assess", "zhou.shen", "unsuitable", signed=False, form=form, reason="尺寸波动")
    await complete(plant, number, "refuse", "wu.jingli", "refuse", reason="尺寸波动")
    assert (await plant.client.get_workflow_handle(workflow).result())["result"] == "not_approved"
    assert await receive("LIFE-E") == "refused"
    assert await approved(plant, "L-1", item) == number  # a run of its own, of the same entry
    await born(plant.client, f"supplier-approval/{number}/2")
