"""Work orders and their operations: man, machine, material, method, environment of every step (REQUIREMENTS 58-60)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypeVar

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.equipment.store import machines
from models.equipment.tables import EnvironmentReading
from models.genealogy.tables import GenealogyEdge
from models.item.rules import shelf_life
from models.item.store import items
from models.item.tables import Item
from models.kernel.refusal import Kind
from models.kernel.store import later
from models.kernel.store.act import reason
from models.kernel.time.moments import plant_day, printed
from models.kernel.typed import says_nothing, told_digits
from models.kernel.units.units import Kept, check_whole, told
from models.load import acts as loads
from models.load.rules import Ran
from models.lot.rules import lot as lot_rules
from models.lot.rules.held import Act
from models.lot.store import lots, open_holds
from models.lot.tables import Lot
from models.nonconformance import store as nonconformances
from models.nonconformance.rules import Finding
from models.order import rules as master
from models.order.acts import create
from models.order.tables import RoutingStep, WorkOrder
from models.packing.store import packing
from models.process.fact import tell as facts
from models.process.messages.process import Receipt
from models.process.run import Run
from models.process.store import runs
from models.production.messages import Consumed, RecordOperation
from models.production.rules import operation as rules
from models.production.rules import past_work as past
from models.production.store import past_work as history
from models.production.tables import (
    OperationEnvironment,
    OperationEquipment,
    OperationParameter,
    OperationPerson,
    OperationRun,
)
from models.release.store import deviations
from models.stock import rules as serial_rules
from models.stock.store import places, proposed, serials, stock

T = TypeVar("T")
UNKNOWN_PERSON = Kind("OPR-016", "DESIGN 2.5", "找不到人员「{person}」。", "There is nobody called “{person}”.", 404)


def record(session: Session, command: RecordOperation, now: datetime) -> Receipt:
    """Record one operation: everything it used and made, or nothing."""
    order, routing = _locked(session, command.work_order_no)
    if order is None or order.lot_id is None:
        raise rules.UNKNOWN_ORDER(order=command.work_order_no[:80])
    if order.status != "open":
        raise rules.CLOSED_ORDER(order=order.work_order_no)
    # every lot of the act is locked in one go, in key order
    locked = lots.lock(session, {one.lot_no for one in command.consumes}, own=order.lot_id)
    lot = next(one for one in locked.values() if one.id == order.lot_id)
    before = history.runs_of(session, order.id)
    step, run_no, planned = _next_step(order, routing, before, command.seq)
    late = _check_times(session, order, before, command, now)
    stands = lots.facts(session, lot)
    open_holds.check_held(session, lot, Act.OPERATE, began=command.started_at, known=stands, seq=command.seq)
    faults: list[Finding] = []
    begun = history.of_lot(session, lot, stands)
    _judge(
        session, command, f"{run_no}/{lot.lot_no}", now, faults, partial(past.check_begun, begun, command.started_at)
    )
    finish = command.finish or command.seq == max(planned)
    for quantity in (command.produced, command.scrapped):
        check_whole(quantity, Kept(lot.lot_no, order.uom))
    earlier = sum((one.scrapped for one in before if one.run_no == run_no), Decimal(0))
    rules.check_yield(order.quantity, command.produced, command.scrapped + earlier, finish=finish)
    asked = history.asked(session, command.equipment, command.people)
    used = _machines(session, asked, command, run_no, now, faults)
    rules.check_kinds(step, (machine.kind for machine, _, _ in used), readings=len(command.environment))
    people = _people(session, asked, command, step, run_no, now, faults)
    place = stock.location(session, command.location) if command.location else None
    if command.load:
        ran = Ran(lot.lot_no, command.started_at, command.finished_at, frozenset(command.equipment))
        loads.join(session, command.load, ran)
    run = OperationRun(
        work_order_id=order.id,
        lot_id=lot.id,
        seq=command.seq,
        run_no=run_no,
        code=str(step.seq),
        started_at=command.started_at,
        finished_at=command.finished_at,
        recorded_by_id=command.by.person_id,
        document=order.document if says_nothing(command.document) else command.document,
        document_version=order.document_version if says_nothing(command.document_version) else command.document_version,
        location_id=place.id if place else order.location_id,
        produced=command.produced,
        scrapped=command.scrapped,
        load_no=command.load,
        late_reason=(command.late_reason or "").strip() if late else None,
    )
    session.add(run)
    session.flush()
    _begun(session, order, lot, run)
    _made_with(session, run, people, used)
    _conditions(session, command, planned[run.seq], run)
    for consumed in command.consumes:
        _consume(session, locked[consumed.lot_no], lot, consumed, run, now, faults)
    data = {"work_order_no": order.work_order_no, "seq": command.seq, "lot_no": lot.lot_no, "finished": finish}
    said = {"seq": command.seq, "title": step.title_zh}
    lots.note(session, lot.id, "operation.recorded", command.by.person_id, said, run.finished_at)
    moved: Sequence[Run] = _finish(session, order, lot, command, [*before, run], now) if finish else ()
    for fault in faults:
        nonconformances.open_deviation(
            session,
            lot,
            fault,
            command.by,
            now,
            happened_at=run.finished_at,
            operation_run_id=run.id,
            said=command.late_reason,
            source="operation",
        )
    later.write(session)  # what it was made with, which the batch record is read from
    deviations.open_found(session, lot, command.by, now)
    own = f"lot/{lot.lot_no}"
    life = next((one for one in moved if one.row.workflow_id == own), None) or runs.of(session, own, lock=True)
    for consumed in command.consumes:
        _close_when_empty(session, locked[consumed.lot_no], command, now)
    return Receipt(act="record_operation", at=now, data=data, run=runs.view(session, life) if life else None)


def _begun(session: Session, order: WorkOrder, lot: Lot, run: OperationRun) -> None:
    """A batch is made on the day when its first operation began, whenever somebody wrote its order or told of the work."""
    day = plant_day(run.started_at, lots.site_zone(session))
    if day == lot.manufactured_on or lot.origin != "native":
        return
    first = session.exec(select(func.min(OperationRun.id)).where(OperationRun.lot_id == lot.id)).one()
    if first != run.id:
        return
    told_expiry = printed(lot.expires_on, lot.expiry_precision)
    expiry = shelf_life.begun(items.shelf(session.get_one(Item, order.item_id)), told_expiry, lot.manufactured_on, day)
    lot.manufactured_on, lot.expires_on = day, expiry.on if expiry else None
    session.add(lot)
    # the day is what the work says, and the audit trail says that
    with reason(session, f"{order.work_order_no} op{run.seq}: {run.started_at.isoformat(timespec='minutes')}"):
        session.flush()


def _locked(session: Session, number: str) -> tuple[WorkOrder | None, list[RoutingStep]]:
    """The order with that number, locked, and the steps that were frozen with it."""
    rows: Sequence[tuple[WorkOrder, RoutingStep | None]] = session.exec(
        select(WorkOrder, RoutingStep)
        .join(RoutingStep, col(RoutingStep.work_order_id) == col(WorkOrder.id), isouter=True)
        .where(WorkOrder.work_order_no == number)
        .with_for_update(of=WorkOrder)
        .execution_options(populate_existing=True)
    ).all()
    return (rows[0][0] if rows else None), [step for _, step in rows if step is not None]


def _next_step(
    order: WorkOrder, routing: Sequence[RoutingStep], earlier: Sequence[OperationRun], seq: int
) -> tuple[rules.Step, int, dict[int, RoutingStep]]:
    cycle = order.extra.get("cycle", 1)
    done: dict[int, int] = {}
    for one in earlier:
        done[one.seq] = max(one.run_no, done.get(one.seq, 0))
    steps = {row.seq: row for row in routing}
    planned = [
        rules.Step(
            seq=row.seq,
            title_zh=row.title_zh,
            title_en=row.title_en,
            done=done.get(row.seq, 0) >= cycle,
            qualification=row.qualification,
            equipment_kind=row.equipment_kind,
            environment=row.environment,
        )
        for row in steps.values()
    ]
    return rules.check_sequence(order.work_order_no, planned, seq), done.get(seq, 0) + 1, steps


def _scrapped(runs_: Iterable[OperationRun], run_no: int | None = None) -> Decimal:
    """What the operations of an order scrapped so far; of one cycle of it, where there were several."""
    return sum((one.scrapped for one in runs_ if run_no in {None, one.run_no}), Decimal(0))


def _check_times(
    session: Session, order: WorkOrder, earlier: Sequence[OperationRun], command: RecordOperation, now: datetime
) -> bool:
    """Refuse times that can't be; answers whether the entry is late."""
    zone = lots.site_zone(session)
    started, finished, allowed = command.started_at, command.finished_at, history.late_after(session)
    late = past.check_told(started, finished, now, allowed, command.late_reason, zone)
    past.check_since_opened(command.seq, started, order.work_order_no, order.opened_at, zone)
    past.check_after(command.seq, started, finished, history.periods(earlier), zone)
    for reading in command.environment:
        past.check_reading(reading.quantity, reading.measured_at, now, zone)
    return late


def _judge(
    session: Session, command: RecordOperation, about: str, now: datetime, faults: list[Finding], check: Callable[[], T]
) -> T | None:
    """What the rule says to work told as it happens or later; a deviation is kept for when the operation is written."""
    answers: list[T] = []
    fault = past.found(
        lambda: answers.append(check()),
        live=past.is_live(command.finished_at, now),
        about=f"op{command.seq}/{about}",
        at=command.finished_at,
        zone=lots.site_zone(session),
    )
    if fault is not None:
        faults.append(fault)
    return answers[0] if answers else None


def _people(
    session: Session,
    asked: history.Asked,
    command: RecordOperation,
    step: rules.Step,
    run_no: int,
    now: datetime,
    faults: list[Finding],
) -> list[tuple[int, rules.Skill | None]]:
    if not command.people:
        raise rules.NO_PERSON()
    found, zone = [], lots.site_zone(session)
    for login in dict.fromkeys(command.people):
        known = asked.person(login)
        if known is None or (not known[0].active and past.is_live(command.finished_at, now)):
            raise UNKNOWN_PERSON(person=login[:80])
        person, proven, active = known
        there = partial(past.check_at_work, person.name, active, command.started_at, command.finished_at, zone)
        _judge(session, command, f"{run_no}/{person.name}/active", now, faults, there)
        skills = [rules.Skill(one.id, one.code, one.valid_from, one.valid_until) for one in proven]

        def skilled(name: str = person.name, skills: list[rules.Skill] = skills) -> rules.Skill | None:
            rules.check_person(name, step.qualification, skills, command.started_at)
            return rules.check_person(name, step.qualification, skills, command.finished_at)

        found.append((person.id, _judge(session, command, f"{run_no}/{person.name}", now, faults, skilled)))
    return found


def _machines(
    session: Session,
    asked: history.Asked,
    command: RecordOperation,
    run_no: int,
    now: datetime,
    faults: list[Finding],
) -> list[machines.Found]:
    """The machines as they stood when they were used: a calibration of afterwards heals nothing."""
    zone, used = lots.site_zone(session), []
    for number in dict.fromkeys(command.equipment):
        (machine, rows, blocks, downs), service = asked.machine(number)
        facts = machines.facts(machine, rows[-1] if rows else None, blocks, downs)
        calibrations = history.calibrated(rows)
        good = partial(
            past.check_machine_during, facts, service, calibrations, command.started_at, command.finished_at, zone
        )
        _judge(session, command, f"{run_no}/{number}", now, faults, good)
        faults[:0] = past.broke_down(facts, command.started_at, command.finished_at, zone)
        then = past.calibration_at(calibrations, command.started_at)
        used.append((facts, machine, next(one for one in rows if one.id == then.id) if then else None))
    return used


def _made_with(
    session: Session,
    run: OperationRun,
    people: Sequence[tuple[int, rules.Skill | None]],
    used: Sequence[machines.Found],
) -> None:
    """Write down its people with their skills and its machines with their calibrations."""
    for person, skill in people:
        proven = skill.id if skill else None
        later.add(session, OperationPerson, operation_run_id=run.id, person_id=person, qualification_id=proven)
    for _, machine, calibration in used:
        good = calibration.id if calibration else None
        later.add(session, OperationEquipment, operation_run_id=run.id, equipment_id=machine.id, calibration_id=good)


def _conditions(session: Session, command: RecordOperation, step: RoutingStep, run: OperationRun) -> None:
    """Parameters and readings, with the limits of the order's frozen step."""
    asked = {what: master.read(step.parameters.get(what, ())) for what in ("parameters", "readings")}
    for value in command.parameters:
        told = master.Limit(value.name, value.unit, value.lower, value.upper)
        limit = master.limits_for(asked["parameters"], told)
        session.add(
            OperationParameter(
                operation_run_id=run.id,
                name=limit.name,
                value=value.value,
                text_value=value.text if value.value is None else told_digits(value.name, value.value),
                unit=limit.unit or value.unit,
                lower=limit.lower,
                upper=limit.upper,
            )
        )
    room = run.location_id
    if room is None and command.environment:
        raise rules.NO_ROOM()
    for reading in command.environment:
        told = master.Limit(reading.quantity, reading.unit, reading.lower, reading.upper)
        limit = master.limits_for(asked["readings"], told)
        measured_at = reading.measured_at or command.finished_at
        master.check_fresh(reading.quantity, measured_at, command.started_at, command.finished_at)
        row = EnvironmentReading(
            location_id=room or 0,
            measured_at=measured_at,
            quantity=limit.name,
            value=reading.value,
            unit=limit.unit or reading.unit,
            lower=limit.lower,
            upper=limit.upper,
            source_system=command.by.source,
            told=told_digits(reading.quantity, reading.value),
        )
        session.add(row)
        session.flush()
        later.add(session, OperationEnvironment, operation_run_id=run.id, environment_reading_id=row.id)


def _consume(
    session: Session,
    parent: Lot,
    child: Lot,
    consumed: Consumed,
    run: OperationRun,
    now: datetime,
    faults: list[Finding],
) -> None:
    facts, zone = lots.facts(session, parent), lots.site_zone(session)
    live = past.is_live(run.finished_at, now)
    # a told moment opens no door: what is held or not released now is not issued, whatever time is told; only the last
    # day is that of the work
    lot_rules.check_use(facts if live else replace(facts, expires_on=None), lot_rules.Use.CONSUME, now, zone)
    if not live:
        check = partial(past.check_consumed, history.of_lot(session, parent, facts), run.finished_at, zone)
        about = f"op{run.seq}/{run.run_no}/{parent.lot_no}"
        fault = past.found(check, live=False, about=about, at=run.finished_at, zone=zone)
        faults += [fault] if fault else []
    quantity = lots.in_own_unit(session, parent, consumed.quantity, consumed.uom)
    packing.refuse_packed_serials(session, parent.id, consumed.serials)
    there = stock.lying(session, parent.id)
    serial_rules.check_leaving(serials.numbered(session, parent, there), quantity, consumed.serials)
    proposed.check_left(session, parent, quantity, consumed.serials)
    picks = lot_rules.allocate(facts, quantity, places.usable(session, parent, quantity, there), consumed.location)
    gone = stock.take(session, parent, "consume", picks, operation_run_id=run.id)
    serials.leave(session, parent, gone, consumed.serials)
    session.add(
        GenealogyEdge(
            parent_lot_id=parent.id,
            child_lot_id=child.id,
            kind="consume",
            quantity=quantity,
            uom=parent.uom,
            operation_run_id=run.id,
            at=run.finished_at,
        )
    )
    data = {"into": child.lot_no, "quantity": str(quantity), **told(consumed.quantity, consumed.uom, parent.uom)}
    lots.note(session, parent.id, "lot.consumed", run.recorded_by_id, data, run.finished_at)


def _finish(
    session: Session, order: WorkOrder, lot: Lot, command: RecordOperation, done: Sequence[OperationRun], now: datetime
) -> Sequence[Run]:
    """The last of what was `done` ends the order; answers the runs that waited for it."""
    run, scrapped = done[-1], _scrapped(done)
    order.status, order.finished_at = "finished", run.finished_at
    order.produced, order.scrapped = command.produced, scrapped
    session.add(order)
    there = lots.total(session, lot.id)
    if there or order.extra.get("cycle", 1) > 1:
        rules.check_rework(there, command.produced + _scrapped(done, run.run_no))
    fresh = command.produced - there
    if fresh > 0 and (run.location_id or order.location_id):
        stock.bring(session, lot, "produce", fresh, run.location_id or order.location_id or 0, operation_run_id=run.id)
    elif fresh < 0:
        serial_rules.check_leaving(serials.numbered(session, lot), -fresh, command.scrapped_serials, lost=True)
        picks = lot_rules.allocate(lots.facts(session, lot), -fresh, stock.places(session, lot.id), None)
        gone = stock.take(session, lot, "scrap", picks, operation_run_id=run.id, reason="rework")
        serials.leave(session, lot, gone, command.scrapped_serials)
    lot.quantity = command.produced
    lots.set_status(session, lot, lot_rules.LotStatus.FINISHED)
    made = {"produced": str(command.produced)}
    lots.note(session, lot.id, "production.finished", command.by.person_id, made, run.finished_at)
    # whoever records it asks the batch's own workflow, which gets the run in its answer
    return facts.tell(
        session, lot, "production.finished", command.by, now, made, happened_at=run.finished_at, news=False, held=True
    ).moved


def _close_when_empty(session: Session, lot: Lot, command: RecordOperation, now: datetime) -> None:
    """A lot that is used up ends its life; its own workflow learns of it through the outbox."""
    if (
        lots.total(session, lot.id) == 0
        and facts.tell(session, lot, "lot.depleted", command.by, now, news=False, held=True).moved
    ):
        lots.publish(session, lot.id, "lot.depleted", {"lot": lot.lot_no})


ACTS = {"create_work_order": create, "record_operation": record}
