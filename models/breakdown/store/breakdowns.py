"""A breakdown on record: reported once however often it is told, its batches held with a deviation, repaired, and taken back into use."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.breakdown import rules
from models.breakdown.rules import Again, Repaired
from models.breakdown.tables import Breakdown, BreakdownLot, BreakdownReport
from models.calibration.store import calibrations
from models.equipment.tables import Equipment
from models.hold.rules import Scope
from models.hold.store import placing
from models.kernel.tables import Outbox
from models.kernel.time.moments import plant_day
from models.kernel.time.reported import since_clocks
from models.lot.store import lots
from models.lot.tables import Lot
from models.nonconformance import store as nonconformances
from models.process import numbering
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs
from models.process.tables.process import ProcessRun
from models.production.rules import past_work as past
from models.register.rules import FUTURE

NUMBERED = "breakdown"
REPORTED, REPAIRED, ENDED = "equipment.broke_down", "equipment.repaired", "equipment.back_in_use"
MACHINE, UNDER_WAY = "machine", "under_way"
"""The roles of the equipment and of its batches in the links of the process."""
LAST_BACK = text("select max(ended_at) from breakdown where equipment_id = :equipment and status = 'back'")
WORKED = text("""
select distinct r.lot_id from operation_equipment u join operation_run r on r.id = u.operation_run_id
 where u.equipment_id = :equipment and r.started_at < :at and r.finished_at >= :at
""")
"""Batches of which the record shows that they were worked with it at that moment."""


def lock(session: Session, key: int) -> Breakdown:
    """The breakdown of a subject; its equipment is locked first, as whoever reports another one does."""
    of = select(Breakdown.equipment_id).where(Breakdown.subject_id == key).scalar_subquery()
    session.exec(select(Equipment.id).where(Equipment.id == of).with_for_update(key_share=True)).one()
    query = select(Breakdown).where(Breakdown.subject_id == key)
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).one()


def report(
    session: Session,
    machine: Equipment,
    said: str,
    happened_at: datetime | None,
    named: Sequence[str],
    by: By,
    now: datetime,
) -> tuple[Breakdown, bool, int]:
    """Put it on record, or tell of the one that is open; answers it, whether it was there, and how many batches were added.

    Batches are locked before the equipment, as whoever records work does: the two never wait in a circle.
    """
    at = (happened_at or now).astimezone(UTC)
    since_clocks(at)
    if at > now:
        raise FUTURE()
    worked = session.connection().execute(WORKED, {"equipment": machine.id, "at": at}).scalars().all()
    shown = session.exec(select(Lot.lot_no).where(col(Lot.id).in_(worked))).all() if worked else ()
    locked = lots.lock(session, {*named, *shown})
    for one in named:
        if locked[one].status not in rules.UNDER_WAY:
            raise rules.GONE(lot=one)
    calibrations.lock(session, machine.subject_id)
    # whoever recorded work at this instant has come before us, or is refused by the wall and sees the breakdown
    late = set(session.connection().execute(WORKED, {"equipment": machine.id, "at": at}).scalars()) - set(worked)
    locked |= {lot.lot_no: lot for lot in (lots.lock_by_key(session, key) for key in sorted(late))}
    row = _open(session, machine)
    there = row is not None
    if row is None:
        zone = lots.site_zone(session)
        back = session.connection().execute(LAST_BACK, {"equipment": machine.id}).scalar()
        rules.check_report(machine.equipment_no, said, at, back, zone)
        row = _new(session, machine, at, by, now)
    elif not said.strip():
        raise rules.NO_WORDS()
    session.add(
        BreakdownReport(
            breakdown_id=row.id, said=said.strip(), happened_at=at, reported_at=now, reported_by_id=by.person_id
        )
    )
    session.flush()
    if not there:
        _begin(session, row, machine, by, now)
    added = _batches(session, row, machine, locked, set(named), by, now)
    if not there:
        told = {"number": row.breakdown_no, "equipment": machine.equipment_no, "lots": added}
        facts.tell(session, row, REPORTED, by, now, told, once=row.breakdown_no, happened_at=at, held=True)
    return row, there, added


def _open(session: Session, machine: Equipment) -> Breakdown | None:
    """The one that keeps it out of use."""
    query = select(Breakdown).where(Breakdown.equipment_id == machine.id, Breakdown.status != "back")
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).first()


def _new(session: Session, machine: Equipment, at: datetime, by: By, now: datetime) -> Breakdown:
    year = plant_day(now, lots.site_zone(session)).year
    row = Breakdown(
        breakdown_no=f"BD-{year}-{numbering.take(session, NUMBERED, year=year):04d}",
        title=f"{machine.name} {machine.equipment_no} 故障",
        title_en=f"{machine.name_en or machine.name} {machine.equipment_no} broke down",
        equipment_id=machine.id,
        happened_at=at,
        reported_at=now,
        reported_by_id=by.person_id,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def _begin(session: Session, row: Breakdown, machine: Equipment, by: By, now: datetime) -> None:
    """Its process begins in the same transaction, tied to the equipment."""
    run = runs.begin(session, rules.PROCESS, row, by, now)
    runs.link(session, run.row.id, machine.subject_id, MACHINE)
    session.add(Outbox(fact="process.begun", payload={"run": run.row.id}))
    session.flush()


def _batches(
    session: Session,
    row: Breakdown,
    machine: Equipment,
    locked: Mapping[str, Lot],
    named: Collection[str],
    by: By,
    now: datetime,
) -> int:
    """Each batch under way, once: its deviation, the hold that stops it, and its place among those of the breakdown."""
    known = set(session.exec(select(BreakdownLot.lot_id).where(BreakdownLot.breakdown_id == row.id)).all())
    fresh = [lot for lot in sorted(locked.values(), key=lambda one: one.id) if lot.id not in known]
    found = past.broken_finding(row.breakdown_no, machine.equipment_no, row.happened_at, lots.site_zone(session))
    for lot in fresh:
        deviation = nonconformances.open_deviation(
            session, lot, found, by, now, happened_at=row.happened_at, source="equipment"
        )
        session.add(
            BreakdownLot(
                breakdown_id=row.id,
                lot_id=lot.id,
                because="named" if lot.lot_no in named else "recorded",
                nonconformance_id=deviation.id,
                found_at=now,
            )
        )
    run = session.exec(
        select(ProcessRun.id).where(ProcessRun.subject_id == row.subject_id, ProcessRun.status == "running")
    ).first()
    if run is not None:
        for lot in fresh:
            runs.link(session, run, lot.subject_id, UNDER_WAY)
    if fresh:
        placing.place(session, fresh, Scope.LOT, reason=f"{row.breakdown_no} {row.title}", by=by, now=now)
    session.flush()
    return len(fresh)


def repair(
    session: Session, row: Breakdown, form: Mapping[str, Any], run: int, by: By, now: datetime
) -> dict[str, Any]:
    """What was found and done; where it needs a calibration its task is in the inbox."""
    at = repaired_at(session, row, form, now)
    row.found, row.done, row.repairer = (str(form[key]).strip() for key in ("found", "repair_done", "repairer"))
    row.again, row.repaired_at, row.repaired_by_id = str(form["again"]), at, by.person_id
    session.add(row)
    session.flush()
    machine = session.get_one(Equipment, row.equipment_id)
    told = {"number": row.breakdown_no, "equipment": machine.equipment_no, "again": row.again}
    facts.tell(session, row, REPAIRED, by, now, told, run=run, held=True, happened_at=at)
    if row.again == "calibration":
        calibrations.call_for(session, machine, by, now)
    return {"number": row.breakdown_no, "again": row.again}


def repaired_at(session: Session, row: Breakdown, form: Mapping[str, Any], now: datetime) -> datetime:
    """When it was repaired; refuses a time that can't be."""
    check_open(row)
    at = datetime.fromisoformat(str(form["repaired_at"])).astimezone(UTC)
    since_clocks(at)
    if at > now:
        raise FUTURE()
    rules.check_repair(at, row.happened_at, lots.site_zone(session))
    return at


def check_open(row: Breakdown) -> None:
    """Refuse what is over."""
    if row.status != "open":
        raise rules.OVER(number=row.breakdown_no)


def check_back(session: Session, row: Breakdown, evidence: str, by: By) -> None:
    """Refuse to take it back into use where the rule says no."""
    check_open(row)
    machine = session.get_one(Equipment, row.equipment_id)
    last = calibrations.newest(session, machine)
    again: Again | None = row.again  # type: ignore[assignment]  # the database keeps it to these words
    done = Repaired(row.breakdown_no, machine.equipment_no, row.repaired_by_id, row.repaired_at, again)
    newest = (last.performed_at, last.result) if last is not None else None
    rules.check_back(done, by.person_id, by.on_behalf_of, newest, evidence)


def end(session: Session, row: Breakdown, status: str, run: int, by: By, now: datetime) -> dict[str, Any]:
    """By a signature: it is back in use, or out of use for good.  What was held stays held until somebody lifts it."""
    row.status, row.ended_at, row.ended_by_id = status, now, by.person_id
    session.add(row)
    session.flush()
    minutes = int((now - row.happened_at).total_seconds() // 60)
    machine = session.get_one(Equipment, row.equipment_id)
    told = {"number": row.breakdown_no, "equipment": machine.equipment_no, "outcome": status, "minutes": minutes}
    facts.tell(session, row, ENDED, by, now, told, once=row.breakdown_no, run=run, held=True)
    return {"number": row.breakdown_no, "outcome": status, "minutes": minutes}
