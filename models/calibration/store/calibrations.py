"""A signed calibration is put on record; what it finds out of tolerance is blocked in the same transaction (ISO 13485 7.6; STANDARDS M 39, 40)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.calibration import rules
from models.calibration.rules import Done, Reading
from models.equipment.rules import check_machine
from models.equipment.store import machines
from models.equipment.tables import Calibration, Equipment, EquipmentBlock
from models.kernel.refusal import Refusal
from models.kernel.tables import Outbox
from models.kernel.time.moments import day, day_begins, plant_day
from models.kernel.time.reported import since_clocks
from models.lot.store import lots
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs
from models.process.tables.process import ProcessRun
from models.production.rules import past_work as past
from models.production.store import past_work as history
from models.register.rules import FUTURE

ASKED, RECORDED, OUT = "calibration.asked", "calibration.recorded", "calibration.out_of_tolerance"
KIN = text("""
with recursive kin (id) as (
  select cast(:equipment as bigint)
  union
  select c.equipment_id from calibration c join kin k on c.standard_id = k.id
)
select c.id, c.equipment_id, c.performed_at, c.result = 'passed' as good, c.as_found, c.standard_id
  from kin join calibration c on c.equipment_id = kin.id order by c.performed_at, c.id
""")
LOCK_KIN = text("""
select count(*) from (select from equipment where id = any(cast(:ids as bigint[])) order by id for no key update) e
""")
FREE = text("""
update equipment_block b set lifted_at = :now, lifted_by_id = :person
 where b.lifted_at is null and b.equipment_id = any(cast(:ids as bigint[]))
   and not exists (select from out_of_tolerance o where o.calibration_id = b.calibration_id and o.status = 'open')
   and (select c.result = 'passed' and c.performed_at >= b.good_from from calibration c where c.equipment_id = b.equipment_id
         order by c.performed_at desc, c.id desc limit 1)
returning b.equipment_id
""")


@dataclass(frozen=True)
class Said:
    """What the form says, checked against the record."""

    performed_at: datetime
    readings: tuple[Reading, ...]
    standard: Equipment | None
    standard_said: str | None
    standard_until: date | None
    standard_good: bool
    months: int
    due: date

    @property
    def good(self) -> bool:
        """Whether it may be used from then on."""
        return self.standard_good and rules.left_good(self.readings)


def lock(session: Session, key: int) -> Equipment:
    """The machine of a subject, locked as an act locks what it is about: whoever measures with it at this instant is waited for."""
    query = select(Equipment).where(Equipment.subject_id == key)
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).one()


def newest(session: Session, machine: Equipment) -> Calibration | None:
    """Its last calibration."""
    order = (col(Calibration.performed_at).desc(), col(Calibration.id).desc())
    return session.exec(select(Calibration).where(Calibration.equipment_id == machine.id).order_by(*order)).first()


def read(session: Session, machine: Equipment, form: Mapping[str, Any], now: datetime) -> Said:
    """The form as it would be recorded; refuses what can't be."""
    zone = lots.site_zone(session)
    at = datetime.fromisoformat(str(form["performed_at"])).astimezone(UTC)
    since_clocks(at)
    if at > now:
        raise FUTURE()
    last = newest(session, machine)
    if last is not None and at < last.performed_at:
        raise rules.NOT_THE_LAST(equipment=machine.equipment_no, last=day(last.performed_at, zone))
    found = rules.readings(form.get("readings") or ())
    months = form.get("interval_months") or (last.interval_months if last else None)
    if not months:
        raise rules.NO_INTERVAL()
    standard, until, good = _standard(session, machine, form, at)
    return Said(
        performed_at=at,
        readings=found,
        standard=standard,
        standard_said=str(form.get("standard_other") or "").strip() or None if standard is None else None,
        standard_until=until,
        standard_good=good,
        months=int(months),
        due=rules.due_day(plant_day(at, zone), int(months)),
    )


def _standard(
    session: Session, machine: Equipment, form: Mapping[str, Any], at: datetime
) -> tuple[Equipment | None, date | None, bool]:
    """What it was compared with, until when that held, and whether it was good at that moment."""
    zone = lots.site_zone(session)
    number, other, until = (
        form.get("standard"),
        str(form.get("standard_other") or "").strip(),
        form.get("standard_until"),
    )
    if not number:
        if not other or not until:
            raise rules.NO_STANDARD()
        holds = date.fromisoformat(str(until))
        return None, holds, plant_day(at, zone) <= holds
    named = str(number)
    if named == machine.equipment_no:
        raise rules.ITSELF(equipment=machine.equipment_no)
    # read as it stands once nobody calibrates it meanwhile; one that isn't there is refused by the search
    session.exec(select(Equipment.id).where(Equipment.equipment_no == named).with_for_update(read=True)).first()
    facts_of, standard, _ = machines.find(session, named)
    service, done = history.of_machine(session, standard)
    then = past.calibration_at(done, at)
    try:
        check_machine(past.machine_at(facts_of, service, done, at), at, zone)
    except Refusal:
        good = False
    else:
        good = True
    return standard, plant_day(then.due_at, zone) if then else None, good


def record(
    session: Session, machine: Equipment, form: Mapping[str, Any], run: int, by: By, now: datetime
) -> dict[str, Any]:
    """Put it on record by the signature of its step, block what it finds out of tolerance, and say so."""
    said = read(session, machine, form, now)
    zone = lots.site_zone(session)
    row = Calibration(
        equipment_id=machine.id,
        performed_at=said.performed_at,
        due_at=day_begins(said.due, zone),
        result="passed" if said.good else "failed",
        certificate=str(form.get("certificate") or "").strip() or None,
        run_id=run,
        as_found=rules.as_found(said.readings),
        readings=[_plain(one) for one in said.readings],
        unit=str(form["unit"]).strip(),
        standard_id=said.standard.id if said.standard else None,
        standard_said=said.standard_said,
        standard_until=said.standard_until,
        standard_good=said.standard_good,
        done_by=str(form["done_by"]).strip(),
        interval_months=said.months,
        files=list(form.get("files") or ()),
    )
    session.add(row)
    session.flush()
    blocked = [] if row.as_found == "within" and said.standard_good else _block(session, row, now)
    if not blocked:
        free(session, [machine.id], by, now)
    told = {
        "number": machine.equipment_no,
        "result": row.result,
        "as_found": row.as_found,
        "due": said.due.isoformat(),
    }
    facts.tell(session, machine, RECORDED, by, now, told, once=str(row.id), run=run, held=True)
    if blocked:
        because = "found" if row.as_found == "out" else "standard"
        why = {"number": machine.equipment_no, "because": because, "instruments": len(blocked)}
        facts.tell(
            session, machine, OUT, by, now, why, once=str(row.id), run=run, held=True, happened_at=row.performed_at
        )
        _ask_again(session, machine, blocked, by, now, once=f"by {row.id}")
    today = plant_day(now, zone)
    return {
        "calibration": row.result,
        "item.due": (said.due - timedelta(days=1)).isoformat(),
        "item.task_on": rules.task_day(said.due, today, passed=said.good).isoformat(),
        "blocked": len(blocked),
    }


def _plain(one: Reading) -> dict[str, str | None]:
    return {key: None if value is None else str(value) for key, value in asdict(one).items()}


def _block(session: Session, row: Calibration, now: datetime) -> list[int]:
    """Block the instrument, and whatever was calibrated by what is doubted; who measures with one at this instant is waited for."""
    ask = session.connection().execute
    kin = sorted({one.equipment_id for one in ask(KIN, {"equipment": row.equipment_id})})
    ask(LOCK_KIN, {"ids": kin})
    known = [
        Done(one.id, one.equipment_id, one.performed_at, one.good, one.as_found, one.standard_id)
        for one in ask(KIN, {"equipment": row.equipment_id})
    ]
    wrong = next(one for one in known if one.id == row.id)
    doubts = rules.doubted(known, wrong, now, standard_good=row.as_found == "out" or row.standard_good)
    for one in doubts:
        session.add(
            EquipmentBlock(
                equipment_id=one.equipment,
                calibration_id=row.id,
                because=one.because,
                doubted_since=one.since,
                doubted_until=one.until,
                good_from=one.good_from,
                placed_at=now,
            )
        )
    session.flush()
    return [one.equipment for one in doubts]


def call_for(session: Session, machine: Equipment, by: By, now: datetime) -> bool:
    """Its calibration is in the inbox: its process goes on before its day, or begins; False where the task is there already."""
    open_ = session.exec(
        select(ProcessRun.id).where(ProcessRun.subject_id == machine.subject_id, ProcessRun.status == "running")
    ).first()
    told = facts.tell(session, machine, ASKED, by, now, {"number": machine.equipment_no}, held=True)
    if open_ is not None:
        return bool(told.moved)
    run = runs.begin(session, rules.PROCESS, machine, by, now)
    session.add(Outbox(fact="process.begun", payload={"run": run.row.id}))
    session.flush()
    return True


def _ask_again(session: Session, machine: Equipment, blocked: list[int], by: By, now: datetime, *, once: str) -> None:
    """What was calibrated by a doubted standard is calibrated again: where its next calibration was waited for, it is due now."""
    for one in session.exec(select(Equipment).where(col(Equipment.id).in_(blocked)).order_by(col(Equipment.id))).all():
        if one.id != machine.id:
            facts.tell(session, one, ASKED, by, now, {"number": one.equipment_no}, once=once, held=True)


def free(session: Session, machines_: list[int], by: By, now: datetime) -> list[int]:
    """Lift the blocks of these machines whose assessment is closed and that have passed a calibration since; answers which."""
    return list(session.connection().execute(FREE, {"ids": machines_, "person": by.person_id, "now": now}).scalars())
