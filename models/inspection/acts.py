"""Measured values come in, all at once or bit by bit; the verdict is signed later (REQUIREMENTS 28-30)."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models.equipment.rules import check_machine
from models.equipment.store import machines
from models.inspection.messages import MeasuredValue, RecordResults
from models.inspection.rules import inspection as rules
from models.inspection.store import inspections
from models.inspection.store.limits import limits
from models.inspection.tables import Characteristic, Inspection, InspectionPlan, InspectionResult
from models.item.tables import Item
from models.kernel.typed import told_digits, unseen
from models.lot.rules.held import Act
from models.lot.store import lots, open_holds
from models.lot.tables import Lot
from models.person.store import people
from models.process.messages.process import By, Receipt
from models.process.store import runs
from models.process.store import task_lock as tasks_lock
from models.process.task import check_measures
from models.production.rules import past_work as past
from models.production.store import past_work as history

Gauges = dict[tuple[str | None, int], int | None]
"""Which gauge a number names for a characteristic; asked once for all values of an act."""


def record(session: Session, command: RecordResults, now: datetime) -> Receipt:
    """Append the values; a corrected one needs a reason and leaves the first one visible."""
    task = tasks_lock.open_task(session, command.task_id)
    check_measures(task.kind)
    tasks_lock.check_mine(session, task, command.by, now)
    run = runs.of_task(session, task)
    open_holds.check_held(session, run.subject, Act.INSPECT, known=lots.facts(session, run.subject))
    inspection = inspections.open_inspection(session, run.kind.family, run.subject, now)
    plan = {
        one.seq: (one, limits(one, run.subject)) for one in inspections.characteristics(session, inspection.plan_id)
    }
    rules.check_plan(plan, item_no(session, run.subject), inspection.stage)
    told = _measured(session, task.opened_at, command, now)
    judged = now if told[0] is None else past.judged_at(told[0], now)
    check_inspector(session, inspection, command.by, judged)
    known = newest(session, inspection.id)
    rules.check_once((value.characteristic, value.sample_no) for value in command.values)
    gauges: Gauges = {}
    with session.no_autoflush:  # the values go out together, not one before each gauge is looked up
        for value in command.values:
            asked = plan.get(value.characteristic)
            if asked is None:
                raise rules.UNKNOWN(seq=value.characteristic)
            _append(session, inspection, asked, value, command, known, gauges, now, told)
    session.flush()
    done = {"recorded": len(command.values), "inspection": inspection.inspection_no}
    return Receipt(act="record_results", at=now, data=done, run=runs.view(session, run))


def _append(
    session: Session,
    inspection: Inspection,
    asked: tuple[Characteristic, rules.Limits],
    value: MeasuredValue,
    command: RecordResults,
    known: dict[tuple[int, int], InspectionResult],
    gauges: Gauges,
    now: datetime,
    told: tuple[datetime | None, str | None],
) -> None:
    characteristic, limit = asked
    if not 1 <= value.sample_no <= limit.sample_size:
        raise rules.NO_SAMPLE(zh=limit.zh, en=limit.en, size=limit.sample_size)
    rules.check_told(limit, value.sample_no, value.value, value.passed)
    passed = rules.passes(limit, value.value, value.passed)
    asked_of = (value.equipment_no, characteristic.id)
    if asked_of not in gauges:
        at = now if told[0] is None else told[0]
        gauges[asked_of] = _gauge(session, characteristic, limit, value.equipment_no, at, now)
    gauge = gauges[asked_of]
    measured = value.value if characteristic.kind == "variable" else None
    digits = None if measured is None else told_digits(limit.zh, measured)
    before = known.get((characteristic.seq, value.sample_no))
    if before is not None:
        # the same value in other digits or with another gauge is another statement, and both are kept
        then = told[0] or before.measured_at
        same = (before.value, before.passed, before.equipment_id, before.measured_at) == (measured, passed, gauge, then)
        if same and before.text_value in {None, digits}:
            return
        if unseen(value.reason or ""):
            raise rules.CHANGED(zh=limit.zh, en=limit.en, sample=value.sample_no)
    session.add(
        InspectionResult(
            inspection_id=inspection.id,
            characteristic_id=characteristic.id,
            sample_no=value.sample_no,
            value=measured,
            text_value=digits,
            passed=passed,
            recorded_by_id=command.by.person_id,
            equipment_id=gauge,
            reason=value.reason,
            measured_at=told[0],
            late_reason=told[1],
        )
    )


def _measured(
    session: Session, opened: datetime, command: RecordResults, now: datetime
) -> tuple[datetime | None, str | None]:
    """When the values were measured and why they come late, where they were measured before."""
    zone, late_after = lots.site_zone(session), history.late_after(session)
    return rules.measured(command.measured_at, opened, now, late_after, command.late_reason, zone)


def check_inspector(session: Session, inspection: Inspection, by: By, at: datetime | None = None) -> None:
    """Who records had the qualification that the plan asks for when it was measured, who signs the verdict has it now."""
    if inspection.plan_id is None:
        return  # without a plan there is no verdict either
    needed = session.get_one(InspectionPlan, inspection.plan_id).qualification
    rules.check_inspector(by.name, needed, people.skills(session, by.person_id, at))


def _gauge(
    session: Session, row: Characteristic, limit: rules.Limits, number: str | None, at: datetime, now: datetime
) -> int | None:
    """The gauge: of the kind that the plan names, and good at the time of measuring as a machine at the time of work."""
    if not number:
        rules.check_gauge(limit, row.equipment_kind, None, None)
        return None
    facts, gauge, _ = machines.find(session, number)
    rules.check_gauge(limit, row.equipment_kind, number, gauge.kind)
    zone = lots.site_zone(session)
    if past.is_live(at, now):
        check_machine(facts, now, zone)
    else:  # a calibration of afterwards heals nothing, and one that ran out since spoils nothing
        past.check_machine_during(facts, *history.of_machine(session, gauge), at, at, zone)
    return gauge.id


def newest(session: Session, inspection_id: int) -> dict[tuple[int, int], InspectionResult]:
    """The newest result of each (characteristic, sample)."""
    rows = session.exec(
        select(col(Characteristic.seq), InspectionResult)
        .join(Characteristic, col(Characteristic.id) == col(InspectionResult.characteristic_id))
        .where(InspectionResult.inspection_id == inspection_id)
        .order_by(col(InspectionResult.id))
    ).all()
    return {(seq, row.sample_no): row for seq, row in rows}


def verdict(session: Session, inspection: Inspection, lot: Lot, measures: Sequence[Characteristic]) -> str:
    """The verdict that the limits of what its plan `measures` give, or a refusal that says what is missing."""
    plan = [limits(one, lot) for one in measures]
    results = {key: row.passed for key, row in newest(session, inspection.id).items()}
    return rules.verdict(plan, results, item_no(session, lot), inspection.stage, expired=lots.expired(session, lot))


def check_plan(session: Session, family: str, lot: Lot) -> None:
    """Refuse where an inspector could measure nothing; changes nothing."""
    last = inspections.last_inspection(session, family, lot)
    if last is not None and last.status == "open" and last.plan_id is not None:
        return
    plan = inspections.plan_for(session, lot, inspections.STAGE_OF[family])
    rules.check_plan([plan] if plan else [], item_no(session, lot), inspections.STAGE_OF[family])


def item_no(session: Session, lot: Lot) -> str:
    """The item's number, for the sentence that refuses."""
    return session.get_one(Item, lot.item_id).item_no


ACTS = {"record_results": record}
