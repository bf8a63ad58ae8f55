"""Work orders and their operations: man, machine, material, method, environment of every step (REQUIREMENTS 58-60)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.messages.process import Consumed, CreateWorkOrder, Receipt, RecordOperation
from models.messages.routing import PlannedStep
from models.rules import lot as lot_rules
from models.rules import operation as rules
from models.rules import order_master as master
from models.rules import past_work as past
from models.rules import serials as serial_rules
from models.rules import shelf_life
from models.rules.held import Act
from models.rules.load import Ran
from models.rules.moments import PrintedDate, plant_day, printed
from models.rules.nonconformance import Finding
from models.rules.refusals import Kind
from models.rules.typed import says_nothing, told_digits
from models.rules.units import Kept, check_whole, told
from models.store import items, keyset, lots, nonconformances, packing, places, proposed, runs, serials, stock
from models.store import past_work as history
from models.store.act import reason
from models.store.acts import loads, machines
from models.store.acts.receiving import item
from models.tables.equipment import Calibration, EnvironmentReading
from models.tables.items import BomLine, Item
from models.tables.lots import GenealogyEdge, Lot
from models.tables.people import Account, Person, Qualification
from models.tables.production import (
    OperationEnvironment,
    OperationEquipment,
    OperationParameter,
    OperationPerson,
    OperationRun,
    RoutingStep,
    WorkOrder,
)

T = TypeVar("T")
NOT_MADE = Kind(
    "OPR-013", "DESIGN 6", "物料 {item} 是外购品，不能下生产订单。", "Item {item} is bought, not made here.", 422
)
NO_STEPS = Kind(
    "OPR-014", "21 CFR 820.70", "生产订单至少要有一道工序。", "A work order needs at least one operation.", 422
)
ORDER_TWICE = Kind("OPR-015", "DESIGN 5", "生产订单号 {order} 已经存在。", "There is a work order {order} already.")
UNKNOWN_PERSON = Kind("OPR-016", "DESIGN 2.5", "找不到人员「{person}」。", "There is nobody called “{person}”.", 404)

MADE = {"in_process", "finished", "packaged", "component"}


def create(session: Session, command: CreateWorkOrder, now: datetime) -> Receipt:
    """Open the order with its frozen routing, and the lot that it will make."""
    lot_rules.check_number(command.work_order_no)
    lot_rules.check_number(command.lot_no)
    lot_rules.check_quantity(command.quantity)
    thing = item(session, command.item_no)
    if thing.kind == "raw":
        raise NOT_MADE(item=thing.item_no)
    if not command.steps:
        raise NO_STEPS()
    if (known := keyset.meant(session, WorkOrder.work_order_no, command.work_order_no)) is not None:
        raise ORDER_TWICE(order=known)
    lots.check_new(session, command.lot_no)
    check_whole(command.quantity, Kept(command.lot_no, thing.uom))
    place = stock.location(session, command.location)
    zone = lots.site_zone(session)
    opened = past.check_opened(command.opened_at, now, zone)
    made_on = plant_day(opened or now, zone)
    told_expiry = printed(*lot_rules.parse_expiry(command.expires_on))
    shelf_life.check_days(None, made_on, told_expiry)
    shelf_life.check_in_order(PrintedDate(made_on), told_expiry)
    expiry = shelf_life.settle(items.shelf(thing), told_expiry, made_on, command.expiry_reason)
    row = Lot(
        lot_no=command.lot_no,
        item_id=thing.id,
        # what is made here is inspected and released as made here, whatever else the item may be bought as
        kind="in_process" if thing.kind == "component" else thing.kind,
        status="in_process",
        quantity=command.quantity,
        uom=thing.uom,
        manufactured_on=made_on,
        expires_on=expiry.on if expiry else None,
        expiry_precision=expiry.precision if expiry else "day",
        expiry_reason=(command.expiry_reason or "").strip() or None,
    )
    session.add(row)
    session.flush()
    order = WorkOrder(
        work_order_no=command.work_order_no,
        item_id=thing.id,
        lot_id=row.id,
        quantity=command.quantity,
        uom=thing.uom,
        document=command.document,
        document_version=command.document_version,
        location_id=place.id,
        opened_at=opened,
        extra={"bill": _frozen_bill(session, command, thing)},
    )
    session.add(order)
    session.flush()
    for step in command.steps:
        session.add(_frozen_step(session, order.id, step))
    said = {"work_order": order.work_order_no}
    lots.note(session, row.id, "production.started", command.by.person_id, said, opened)
    run = runs.begin(session, "batch-lifecycle", row, command.by, now)
    data = {"work_order_no": order.work_order_no, "lot_no": row.lot_no}
    return Receipt(act="create_work_order", at=now, data=data, run=runs.view(session, run, text=True))


def _frozen_step(session: Session, order_id: int, step: PlannedStep) -> RoutingStep:
    """A step with what it asks for; numbers are kept as text, in the digits that were entered."""
    if step.room is not None:
        stock.location(session, step.room)
    asked = {"parameters": step.parameters, "readings": step.readings}
    for values in asked.values():
        master.check_limits([master.Limit(**one.model_dump()) for one in values])
    frozen: dict[str, Any] = {
        what: [one.model_dump(mode="json", exclude_none=True) for one in values] for what, values in asked.items()
    }
    given = step.model_dump(exclude={"parameters", "readings", "room"})
    # what is asked for by name needs no flag besides
    environment = step.environment or bool(step.readings)
    more = {"room": step.room} if step.room is not None else {}
    return RoutingStep(work_order_id=order_id, **{**given, "environment": environment}, parameters={**frozen, **more})


def _frozen_bill(session: Session, command: CreateWorkOrder, thing: Item) -> list[dict[str, Any]]:
    """The bill of the order: as given, else the item's as it stands now."""
    if command.bill is None:
        rows = session.exec(
            select(BomLine, Item.item_no)
            .join(Item, col(Item.id) == col(BomLine.component_id))
            .where(BomLine.item_id == thing.id)
            .order_by(col(BomLine.id))
        ).all()
        lines = [(number, line.quantity, line.optional) for line, number in rows]
    else:
        lines = [(_item_no(session, one.item_no), one.quantity, one.optional) for one in command.bill]
        known = set(session.exec(select(Item.item_no).where(col(Item.item_no).in_([one[0] for one in lines]))).all())
        numbers = [one[0] for one in lines]
        for number, quantity, _ in lines:
            if number not in known or numbers.count(number) > 1 or number == thing.item_no or quantity <= 0:
                raise master.NO_SUCH_MATERIAL(item=number[:80])
    return [
        {"item_no": number, "quantity": f"{quantity:f}", "optional": optional} for number, quantity, optional in lines
    ]


def _item_no(session: Session, typed: str) -> str:
    """The number of the item that a line of a bill means; what means none stays for the rule to name."""
    found = items.meant(session, typed)
    return found.item_no if found is not None else typed


def record(session: Session, command: RecordOperation, now: datetime) -> Receipt:
    """Record one operation: everything it used and made, or nothing."""
    order = session.exec(
        select(WorkOrder)
        .where(WorkOrder.work_order_no == command.work_order_no)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if order is None or order.lot_id is None:
        raise rules.UNKNOWN_ORDER(order=command.work_order_no[:80])
    if order.status != "open":
        raise rules.CLOSED_ORDER(order=order.work_order_no)
    # every lot of the act is locked in one go, in key order
    locked = lots.lock(session, {one.lot_no for one in command.consumes}, own=order.lot_id)
    lot = next(one for one in locked.values() if one.id == order.lot_id)
    step, run_no, planned = _next_step(session, order, command.seq)
    late = _check_times(session, order, command, now)
    lots.check_held(session, lot, Act.OPERATE, began=command.started_at)
    faults: list[Finding] = []
    begun = history.of_lot(session, lot, lots.facts(session, lot))
    _judge(
        session, command, f"{run_no}/{lot.lot_no}", now, faults, partial(past.check_begun, begun, command.started_at)
    )
    finish = command.finish or command.seq == max(one.seq for one in planned)
    for quantity in (command.produced, command.scrapped):
        check_whole(quantity, Kept(lot.lot_no, order.uom))
    earlier = _scrapped(session, order.id, run_no)
    rules.check_yield(order.quantity, command.produced, command.scrapped + earlier, finish=finish)
    used = _machines(session, command, run_no, now, faults)
    rules.check_kinds(step, (machine.kind for machine, _, _ in used), readings=len(command.environment))
    people = _people(session, command, step, run_no, now, faults)
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
    for person, skill in people:
        session.add(
            OperationPerson(operation_run_id=run.id, person_id=person, qualification_id=skill.id if skill else None)
        )
    for _, machine, calibration in used:
        session.add(
            OperationEquipment(
                operation_run_id=run.id, equipment_id=machine.id, calibration_id=calibration.id if calibration else None
            )
        )
    _conditions(session, command, order, run)
    for consumed in command.consumes:
        _consume(session, locked[consumed.lot_no], lot, consumed, run, now, faults)
    data = {"work_order_no": order.work_order_no, "seq": command.seq, "lot_no": lot.lot_no, "finished": finish}
    said = {"seq": command.seq, "title": step.title_zh}
    lots.note(session, lot.id, "operation.recorded", command.by.person_id, said, run.finished_at)
    if finish:
        _finish(session, order, lot, command, run, now)
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
        )
    nonconformances.open_found(session, lot, command.by, now)
    life = runs.of(session, f"lot/{lot.lot_no}", lock=True)
    for consumed in command.consumes:
        _close_when_empty(session, locked[consumed.lot_no], command, now)
    return Receipt(act="record_operation", at=now, data=data, run=runs.view(session, life) if life else None)


def _begun(session: Session, order: WorkOrder, lot: Lot, run: OperationRun) -> None:
    """A batch is made on the day when its first operation began, whenever somebody wrote its order or told of the work."""
    day = plant_day(run.started_at, lots.site_zone(session))
    first = session.exec(select(func.min(OperationRun.id)).where(OperationRun.lot_id == lot.id)).one()
    if day == lot.manufactured_on or first != run.id or lot.origin != "native":
        return
    told_expiry = printed(lot.expires_on, lot.expiry_precision)
    expiry = shelf_life.begun(items.shelf(session.get_one(Item, order.item_id)), told_expiry, lot.manufactured_on, day)
    lot.manufactured_on, lot.expires_on = day, expiry.on if expiry else None
    session.add(lot)
    # the day is what the work says, and the audit trail says that
    with reason(session, f"{order.work_order_no} op{run.seq}: {run.started_at.isoformat(timespec='minutes')}"):
        session.flush()


def _next_step(session: Session, order: WorkOrder, seq: int) -> tuple[rules.Step, int, list[rules.Step]]:
    cycle = order.extra.get("cycle", 1)
    done = dict(
        session.exec(
            select(col(OperationRun.seq), func.max(col(OperationRun.run_no)))
            .where(OperationRun.work_order_id == order.id)
            .group_by(col(OperationRun.seq))
        ).all()
    )
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
        for row in session.exec(select(RoutingStep).where(RoutingStep.work_order_id == order.id)).all()
    ]
    return rules.check_sequence(order.work_order_no, planned, seq), done.get(seq, 0) + 1, planned


def _scrapped(session: Session, order_id: int, run_no: int | None = None) -> Decimal:
    """What the operations of an order scrapped so far; of one cycle of it, where there were several."""
    query = select(func.coalesce(func.sum(OperationRun.scrapped), 0)).where(OperationRun.work_order_id == order_id)
    return session.exec(query if run_no is None else query.where(OperationRun.run_no == run_no)).one()


def _check_times(session: Session, order: WorkOrder, command: RecordOperation, now: datetime) -> bool:
    """Refuse times that can't be; answers whether the entry is late."""
    zone = lots.site_zone(session)
    started, finished, allowed = command.started_at, command.finished_at, history.late_after(session)
    late = past.check_told(started, finished, now, allowed, command.late_reason, zone)
    past.check_since_opened(command.seq, started, order.work_order_no, order.opened_at, zone)
    past.check_after(command.seq, started, finished, history.earlier(session, order.id), zone)
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
    session: Session, command: RecordOperation, step: rules.Step, run_no: int, now: datetime, faults: list[Finding]
) -> list[tuple[int, rules.Skill | None]]:
    if not command.people:
        raise rules.NO_PERSON()
    found, zone = [], lots.site_zone(session)
    for login in dict.fromkeys(command.people):
        person = session.exec(
            select(Person).join(Account, col(Account.person_id) == col(Person.id)).where(Account.login == login)
        ).first()
        if person is None or (not person.active and past.is_live(command.finished_at, now)):
            raise UNKNOWN_PERSON(person=login[:80])
        active = history.of_person(session, person.id)
        there = partial(past.check_at_work, person.name, active, command.started_at, command.finished_at, zone)
        _judge(session, command, f"{run_no}/{person.name}/active", now, faults, there)
        skills = [
            rules.Skill(one.id, one.code, one.valid_from, one.valid_until)
            for one in session.exec(
                select(Qualification)
                .where(Qualification.person_id == person.id)
                .order_by(col(Qualification.valid_from).desc())
            ).all()
        ]

        def skilled(name: str = person.name, skills: list[rules.Skill] = skills) -> rules.Skill | None:
            rules.check_person(name, step.qualification, skills, command.started_at)
            return rules.check_person(name, step.qualification, skills, command.finished_at)

        found.append((person.id, _judge(session, command, f"{run_no}/{person.name}", now, faults, skilled)))
    return found


def _machines(
    session: Session, command: RecordOperation, run_no: int, now: datetime, faults: list[Finding]
) -> list[machines.Found]:
    """The machines as they stood when they were used: a calibration of afterwards heals nothing."""
    zone, used = lots.site_zone(session), []
    for number in dict.fromkeys(command.equipment):
        facts, machine, _ = machines.find(session, number)
        service, calibrations = history.of_machine(session, machine)
        good = partial(
            past.check_machine_during, facts, service, calibrations, command.started_at, command.finished_at, zone
        )
        _judge(session, command, f"{run_no}/{number}", now, faults, good)
        then = past.calibration_at(calibrations, command.started_at)
        used.append((facts, machine, session.get(Calibration, then.id) if then else None))
    return used


def _conditions(session: Session, command: RecordOperation, order: WorkOrder, run: OperationRun) -> None:
    """Parameters and readings, with the limits of the order's frozen step."""
    step = session.exec(
        select(RoutingStep).where(RoutingStep.work_order_id == order.id, RoutingStep.seq == run.seq)
    ).one()
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
        session.add(OperationEnvironment(operation_run_id=run.id, environment_reading_id=row.id))


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
    serial_rules.check_leaving(serials.numbered(session, parent), quantity, consumed.serials)
    proposed.check_left(session, parent, quantity, consumed.serials)
    picks = lot_rules.allocate(facts, quantity, places.usable(session, parent, quantity), consumed.location)
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
    session: Session, order: WorkOrder, lot: Lot, command: RecordOperation, run: OperationRun, now: datetime
) -> None:
    scrapped = _scrapped(session, order.id)
    order.status, order.finished_at = "finished", run.finished_at
    order.produced, order.scrapped = command.produced, scrapped
    session.add(order)
    there = stock.total(session, lot.id)
    if there or order.extra.get("cycle", 1) > 1:
        rules.check_rework(there, command.produced + _scrapped(session, order.id, run.run_no))
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
    runs.fact(session, "lot", lot.id, "production.finished", command.by, now)


def _close_when_empty(session: Session, lot: Lot, command: RecordOperation, now: datetime) -> None:
    """A lot that is used up ends its life; its own workflow learns of it through the outbox."""
    if stock.total(session, lot.id) == 0 and runs.fact(session, "lot", lot.id, "lot.depleted", command.by, now):
        lots.publish(session, lot.id, "lot.depleted", {"lot": lot.lot_no})


ACTS = {"create_work_order": create, "record_operation": record}
