"""Nothing is accepted that nobody measured: an inspection needs a plan (ISO 13485 8.2.6; 21 CFR 820.80)."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from models.messages.process import MeasuredValue, RecordResults
from models.store import effects, lots
from models.store.act import act, now, reading
from models.store.acts import previewing
from models.tables.inspections import Characteristic, Inspection, InspectionPlan
from tests.support.direct import do
from tests.support.plant import SETUP, Plant
from tests.support.record import refused


@pytest.fixture
def planless(desk: Plant) -> Iterator[Plant]:
    """A plant that has no plan for its material."""
    withdraw = text("update inspection_plan set status = :status where code = 'IQC-raw'")
    with act(desk.engine, SETUP) as session:
        session.connection().execute(withdraw, {"status": "superseded"})
    yield desk
    with act(desk.engine, SETUP) as session:
        session.connection().execute(
            text("update inspection_plan set status = 'superseded' where item_id is not null and stage = 'incoming'")
        )
        session.connection().execute(withdraw, {"status": "effective"})


def plan(plant: Plant, version: int = 1, samples: int = 3) -> int:
    """A plan for PEEK rods becomes effective."""
    with act(plant.engine, SETUP) as session:
        item = lots.get(session, "N-1").item_id
        row = InspectionPlan(code="IQC-PEEK", version=version, title="PEEK", stage="incoming", item_id=item)
        session.add(row)
        session.flush()
        for seq, kind in ((1, "attribute"), (2, "variable")):
            session.add(
                Characteristic(plan_id=row.id, seq=seq, name_zh="外观", name_en="Looks", kind=kind, sample_size=samples)
            )
        return row.id


async def test_without_a_plan_nothing_is_accepted_and_nothing_failed(planless: Plant) -> None:
    await planless.receive("N-1")
    task = planless.task("N-1", "inspect")
    sentence = {"zh": "物料 PEEK-20 在「来料」阶段没有检验计划", "en": "PEEK-20 at the incoming stage; make one first"}
    for outcome in ("accepted", "failed", None):
        command = planless.completion(task, planless.by("lin.jian"), outcome)
        with refused(planless.engine, "INS-008", 409, **sentence):
            do(planless.engine, "complete_task", command)
        # before the password is asked for
        with refused(planless.engine, "INS-008"), reading(planless.engine) as session:
            previewing.check(session, command, now(session))
    value = MeasuredValue(characteristic=1, sample_no=1, passed=True)
    results = RecordResults(command_id="n", task_id=task.public_id, by=planless.by("lin.jian"), values=(value,))
    with refused(planless.engine, "INS-008"):
        do(planless.engine, "record_results", results)
    with reading(planless.engine) as session:
        shown = previewing.decision(session, task.public_id, planless.by("lin.jian"), now(session))
    assert shown.why_not is not None
    assert shown.why_not.code == "INS-008"

    # a plan that is made later is taken up by the inspection that waits, and kept when there is a newer one
    first = plan(planless)
    await planless.measure("N-1")
    plan(planless, version=2, samples=5)
    await planless.complete("N-1", "inspect", "lin.jian", "accepted")
    assert planless.status("N-1") == "released"
    with reading(planless.engine) as session:
        row = effects.last_inspection(session, "incoming-inspection", lots.get(session, "N-1"))
        assert row is not None
        assert (row.plan_id, row.status) == (first, "accepted")


async def test_a_plan_that_measures_nothing_is_no_plan(planless: Plant) -> None:
    await planless.receive("N-2")
    with act(planless.engine, SETUP) as session:
        item = lots.get(session, "N-2").item_id
        session.add(InspectionPlan(code="IQC-EMPTY", title="?", stage="incoming", item_id=item))
    command = planless.completion(planless.task("N-2", "inspect"), planless.by("lin.jian"), "accepted")
    with refused(planless.engine, "INS-008"):
        do(planless.engine, "complete_task", command)


async def test_a_batch_that_was_accepted_unmeasured_is_not_released(desk: Plant) -> None:
    await desk.material("N-3")
    await desk.make("N-4", "N-3")
    with act(desk.engine, SETUP) as session:
        lot = lots.get(session, "N-4")
        session.add(
            Inspection(
                inspection_no="FQC-N-4-2",
                lot_id=lot.id,
                stage="final",
                revision=2,
                status="accepted",
                opened_at=now(session),
            )
        )
    command = desk.completion(desk.task("N-4", "review"), desk.by("zhou.shen"), "release", reason="客户急需")
    with refused(desk.engine, "REL-001", zh="FQC-N-4-2 没有检验计划", en="FQC-N-4-2 had no inspection plan"):
        do(desk.engine, "complete_task", command)
