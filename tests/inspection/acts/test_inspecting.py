"""Nothing is accepted that nobody measured as its plan asks, in the digits that were read (ISO 13485 8.2.6; 21 CFR 820.80)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session

from models.equipment.tables import Equipment
from models.inspection.messages import MeasuredValue, RecordResults
from models.inspection.store import inspections
from models.inspection.tables import Characteristic, Inspection, InspectionPlan
from models.kernel.store.act import act, now, reading
from models.lot.store import lots
from models.person.rules.roles import Role
from models.process.acts import preview as previewing
from tests.support.plant import people
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import refused
from tests.support.servers.database import past_walls


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
        session.connection().execute(text("update inspection_plan set status = 'superseded' where code = 'IQC-PEEK'"))
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
        row = inspections.last_inspection(session, "incoming-inspection", lots.get(session, "N-1"))
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
    with past_walls(desk.engine) as connection, Session(connection) as session:  # as one of before
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
        session.flush()
    command = desk.completion(desk.task("N-4", "review"), desk.by("zhou.shen"), "release", reason="客户急需")
    with refused(desk.engine, "REL-001", zh="FQC-N-4-2 没有检验计划", en="FQC-N-4-2 had no inspection plan"):
        do(desk.engine, "complete_task", command)


def told(plant: Plant, lot: str, login: str = "lin.jian", **value: Any) -> RecordResults:
    """One value of a lot's inspection."""
    given: dict[str, Any] = {"characteristic": 2, "sample_no": 1, "equipment_no": "G-17", **value}
    task = UUID(str(plant.task(lot, "inspect").public_id))
    return RecordResults(command_id=str(uuid4()), task_id=task, by=plant.by(login), values=(MeasuredValue(**given),))


def kept(plant: Plant, lot: str) -> list[tuple[str, str, str | None]]:
    """What the record has of the second characteristic's first sample: digits, gauge, reason."""
    query = text(
        "select r.text_value, e.equipment_no, r.reason from inspection_result r join inspection i on i.id = r.inspection_id"
        " join lot l on l.id = i.lot_id join characteristic c on c.id = r.characteristic_id"
        " left join equipment e on e.id = r.equipment_id where l.lot_no = :lot and c.seq = 2 and r.sample_no = 1 order by r.id"
    )
    with reading(plant.engine) as session:
        return [tuple(row) for row in session.connection().execute(query, {"lot": lot})]


async def test_a_value_without_the_gauge_that_the_plan_names_is_not_taken(desk: Plant) -> None:
    await desk.receive("G-1")
    with refused(desk.engine, "INS-021", 422, zh="卡尺", en="caliper"):
        do(desk.engine, "record_results", told(desk, "G-1", value=Decimal(12), equipment_no=None))
    with refused(desk.engine, "INS-022", 409, zh="W-03", en="W-03"):
        do(desk.engine, "record_results", told(desk, "G-1", value=Decimal(12), equipment_no="W-03"))
    assert kept(desk, "G-1") == []


async def test_an_inspector_without_the_plans_qualification_records_nothing(desk: Plant) -> None:
    await desk.receive("G-2")
    people.colleague(desk, "xin.jian", "新检", Role.INSPECTOR)
    with refused(desk.engine, "INS-024", 403, zh="新检", en="inspection"):
        do(desk.engine, "record_results", told(desk, "G-2", "xin.jian", value=Decimal(12)))
    people.qualify(desk, "xin.jian", "inspection")
    do(desk.engine, "record_results", told(desk, "G-2", "xin.jian", value=Decimal(12)))
    assert len(kept(desk, "G-2")) == 1


async def test_values_keep_their_digits_and_a_correction_keeps_everything(desk: Plant) -> None:
    await desk.receive("G-3")
    with act(desk.engine, SETUP) as session:
        session.add(Equipment(equipment_no="G-21", name="卡尺二", kind="caliper", needs_calibration=False))
    do(desk.engine, "record_results", told(desk, "G-3", value=Decimal("12.00")))
    do(desk.engine, "record_results", told(desk, "G-3", value=Decimal("12.00")))  # the same again says nothing new
    for other in ({"value": Decimal("12.0")}, {"value": Decimal("12.00"), "equipment_no": "G-21"}):
        with refused(desk.engine, "INS-006"):
            do(desk.engine, "record_results", told(desk, "G-3", **other))
    right = told(desk, "G-3", value=Decimal("12.00"), equipment_no="G-21", reason="量具写错")
    do(desk.engine, "record_results", right)
    assert kept(desk, "G-3") == [("12.00", "G-17", None), ("12.00", "G-21", "量具写错")]
    with reading(desk.engine) as session:
        shown = previewing.decision(session, desk.task("G-3", "inspect").public_id, desk.by("lin.jian"), now(session))
    assert ('"value":"12.00"' in shown.canonical, '"gauge":"G-21"' in shown.canonical) == (True, True)


async def test_a_value_finer_than_the_record_is_refused_and_never_rounded(desk: Plant) -> None:
    await desk.receive("G-4")
    with refused(desk.engine, "INS-023", 422, zh="12.0500001", en="12.0500001"):
        do(desk.engine, "record_results", told(desk, "G-4", value=Decimal("12.0500001")))


async def test_a_lot_of_one_has_one_sample(desk: Plant) -> None:
    await desk.receive("G-5", 1)
    with refused(desk.engine, "INS-003", 422):
        do(desk.engine, "record_results", told(desk, "G-5", sample_no=2, value=Decimal(12)))
    await desk.measure("G-5")
    await desk.complete("G-5", "inspect", "lin.jian", "accepted")
    assert desk.status("G-5") == "released"


async def test_what_failed_is_measured_again_only_after_another_persons_signed_reason(desk: Plant) -> None:
    await desk.receive("G-6")
    await desk.measure("G-6", value="13")
    await desk.complete("G-6", "inspect", "lin.jian", "failed")
    with refused(desk.engine, "INS-025", zh="IQC-G-6-1", en="IQC-G-6-1"), act(desk.engine, SETUP) as session:
        inspections.open_inspection(session, "incoming-inspection", lots.get(session, "G-6"), now(session))
    await desk.complete("G-6", "disposition", "chen.pi", "reinspect", reason="夹具松动，重测")
    await desk.measure("G-6")
    # what passes now closes nothing: the nonconformance waits for its own decision
    again = desk.completion(desk.task("G-6", "inspect"), desk.by("lin.jian"), "accepted")
    with refused(desk.engine, "NCR-004"):
        do(desk.engine, "complete_task", again)
    assert desk.scalar("select status from nonconformance where nonconformance_no = 'NC-G-6-1'") == "open"
    # and a decision against the batch stands, whatever was measured meanwhile
    cause = {"cause": "夹具松动", "requirements_met": False}
    await desk.complete("G-6", "decide", "chen.pi", "reject", reason="尺寸超差", form=cause)
    again = desk.completion(desk.task("G-6", "inspect"), desk.by("lin.jian"), "accepted")
    with refused(desk.engine, "NCR-005", zh="NC-G-6-1", en="NC-G-6-1"):
        do(desk.engine, "complete_task", again)


async def test_who_signs_the_verdict_has_the_plans_qualification_too(desk: Plant) -> None:
    people.colleague(desk, "wei.jian", "未检", Role.INSPECTOR)
    await desk.receive("G-7")
    await desk.measure("G-7")
    command = desk.completion(desk.task("G-7", "inspect"), desk.by("wei.jian"), "accepted")
    with refused(desk.engine, "INS-024", 403, zh="未检", en="inspection"):
        do(desk.engine, "complete_task", command)
    people.qualify(desk, "wei.jian", "inspection")
    await desk.complete("G-7", "inspect", "wei.jian", "accepted")
    assert desk.status("G-7") == "released"


@pytest.mark.parametrize(
    "value",
    [
        {"characteristic": 1, "value": Decimal("3.70"), "passed": True},  # a number of what only passes or fails
        {"characteristic": 1, "value": Decimal(0), "passed": False},
        {"characteristic": 2, "value": Decimal(99), "passed": True},  # a verdict that the limits contradict
        {"characteristic": 2, "value": Decimal("12.00"), "passed": False},
    ],
)
async def test_what_would_be_dropped_is_refused(desk: Plant, value: dict[str, Any]) -> None:
    lot = f"G-8-{value['characteristic']}-{value['value']}"
    await desk.receive(lot)
    with refused(desk.engine, "INS-027", 422):
        do(desk.engine, "record_results", told(desk, lot, **value))
    do(desk.engine, "record_results", told(desk, lot, value=Decimal("12.00"), passed=True))  # says the same twice
    assert kept(desk, lot) == [("12.00", "G-17", None)]


async def test_a_sample_has_one_result_in_one_act_and_a_correction_a_reason_that_can_be_read(desk: Plant) -> None:
    await desk.receive("G-9")
    task = UUID(str(desk.task("G-9", "inspect").public_id))
    values = tuple(
        MeasuredValue(characteristic=2, sample_no=1, value=Decimal(one), equipment_no="G-17")
        for one in ("12.5", "12.0")
    )
    twice = RecordResults(command_id="g9", task_id=task, by=desk.by("lin.jian"), values=values)
    with refused(desk.engine, "INS-028", 422):
        do(desk.engine, "record_results", twice)
    do(desk.engine, "record_results", told(desk, "G-9", value=Decimal("12.50")))
    for reason in (" ", "\u200b", "\u3000\u00ad", "\t\ufeff"):
        with refused(desk.engine, "INS-006"):
            do(desk.engine, "record_results", told(desk, "G-9", value=Decimal("12.00"), reason=reason))
    assert kept(desk, "G-9") == [("12.50", "G-17", None)]
