"""Places, machines and gauges, and their calibrations (ISO 13485 7.5.1, 7.6; REQUIREMENTS 3)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.equipment.rules import check_by_hand
from models.equipment.tables import Calibration, Equipment
from models.identifier.rules.scanned_field import Asked
from models.kernel.request import cursor, read_cursor
from models.kernel.store.act import now
from models.kernel.time.reported import since_clocks
from models.person.tables import Site
from models.place.tables import Location
from models.register.rules import DUE, FUTURE, UNKNOWN, check_names
from models.register.store import keyset
from models.register.store.searching import matching, sought

COLUMNS = """
select e.public_id as id, e.equipment_no, e.name, e.name_en, e.kind, e.status, e.needs_calibration, l.code as location,
       c.performed_at as calibrated_at, c.due_at as calibration_due_at, c.result as calibration_result, c.certificate,
       b.placed_at as blocked_since, d.since as down_since, s.public_id as subject,
       e.status = 'in_service' and b.placed_at is null and d.since is null
         and (not e.needs_calibration or coalesce(c.result = 'passed' and c.due_at > now(), false)) as usable
  from equipment e left join location l on l.id = e.location_id
  left join lateral (select * from calibration c where c.equipment_id = e.id
                      order by c.performed_at desc, c.id desc limit 1) c on true
  left join lateral (select min(b.placed_at) as placed_at from equipment_block b
                      where b.equipment_id = e.id and b.lifted_at is null) b on true
  left join lateral (select min(d.happened_at) as since from breakdown d
                      where d.equipment_id = e.id and d.status <> 'back') d on true
  join subject s on s.id = e.subject_id
"""
PAGE = text(f"""{COLUMNS}
 where (cast(:after as text) is null or e.equipment_no > :after)
   and (cast(:kind as text) is null or e.kind = :kind)
   and (cast(:q as text) is null or {matching(("e.equipment_no",), ("e.name", "e.name_en"))})
 order by e.equipment_no limit :n
""")
ONE = text(f"{COLUMNS} where e.equipment_no = :number")
HISTORY = text("""
select c.performed_at, c.due_at, c.result, c.certificate, c.as_found, c.readings, c.unit, coalesce(s.equipment_no, c.standard_said) as standard,
       c.standard_until, c.standard_good, c.done_by, c.interval_months, c.files, c.run_id is not null as signed
  from calibration c join equipment e on e.id = c.equipment_id left join equipment s on s.id = c.standard_id where e.equipment_no = :number order by c.performed_at desc, c.id desc
""")
BY_TASK = text("""
select exists (select from process_run r where r.subject_id = :subject and r.status = 'running') as planned,
       exists (select from equipment_block b where b.equipment_id = :equipment and b.lifted_at is null)
         or coalesce((select c.result <> 'passed' from calibration c where c.equipment_id = :equipment
                       order by c.performed_at desc, c.id desc limit 1), false) as blocked
""")
PLACES = text(f"""
select l.public_id as id, l.code, l.name, l.name_en, l.kind, p.code as parent, s.code as site, l.origin
  from location l left join location p on p.id = l.parent_id left join site s on s.id = l.site_id
 where (cast(:after as text) is null or l.code > :after)
   and (cast(:code as text) is null or l.code = :code)
   and (cast(:q as text) is null or {matching(("l.code",), ("l.name", "l.name_en"))})
   and (cast(:kind as text) is null or place_kind(l.kind) = :kind)
 order by l.code limit :n
""")  # noqa: S608 - our own words


@dataclass(frozen=True, kw_only=True, slots=True)
class EquipmentView:
    """A machine or gauge with its newest calibration; `usable` is true while work may be done with it."""

    id: UUID
    equipment_no: str
    name: str
    name_en: str | None
    kind: str
    status: str
    needs_calibration: bool
    location: str | None
    calibrated_at: datetime | None
    calibration_due_at: datetime | None
    calibration_result: str | None
    certificate: str | None
    blocked_since: datetime | None
    down_since: datetime | None
    subject: UUID
    usable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EquipmentPage:
    """One page of equipment."""

    items: tuple[EquipmentView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationView:
    """One calibration; what was found, with what and by whom where it was signed."""

    performed_at: datetime
    due_at: datetime
    result: str
    certificate: str | None
    signed: bool
    as_found: str | None
    readings: list[dict[str, Any]]
    unit: str | None
    standard: str | None
    standard_until: date | None
    standard_good: bool
    done_by: str | None
    interval_months: int | None
    files: list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class EquipmentDetail:
    """A machine or gauge with all its calibrations, newest first."""

    equipment: EquipmentView
    calibrations: tuple[CalibrationView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LocationView:
    """A place."""

    id: UUID
    code: str
    name: str
    name_en: str | None
    kind: str
    parent: str | None
    site: str | None
    origin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LocationPage:
    """One page of places."""

    items: tuple[LocationView, ...]
    next: str | None


def page(
    session: Session, *, limit: int = 50, after: str | None = None, q: str | None = None, kind: str | None = None
) -> EquipmentPage:
    """Equipment by number; one statement."""
    start = read_cursor(after, (str,))[0] if after else None
    values = {"after": start, "kind": kind, **sought(q, Asked.EQUIPMENT), "n": limit + 1}
    rows = session.connection().execute(PAGE, values).all()
    items = tuple(EquipmentView(**row._mapping) for row in rows[:limit])  # noqa: SLF001 - SQLAlchemy's public name
    return EquipmentPage(items=items, next=cursor([items[-1].equipment_no]) if len(rows) > limit else None)


def detail(session: Session, equipment_no: str) -> EquipmentDetail:
    """The machine or gauge with that number."""
    row = session.connection().execute(ONE, {"number": equipment_no}).one_or_none()
    if row is None:
        raise UNKNOWN(number=equipment_no[:80])
    history = session.connection().execute(HISTORY, {"number": equipment_no}).all()
    return EquipmentDetail(
        equipment=EquipmentView(**row._mapping),  # noqa: SLF001 - SQLAlchemy's public name
        calibrations=tuple(CalibrationView(**one._mapping) for one in history),  # noqa: SLF001 - same
    )


def create(session: Session, facts: dict[str, Any], location: str | None) -> EquipmentDetail:
    """A new machine or gauge; without a calibration it can't be used yet when it needs one."""
    keyset.check_free(session, Equipment.equipment_no, facts["equipment_no"])
    check_names(facts["name"], facts.get("name_en"))
    place = keyset.find(session, Location, Location.code, location).id if location else None
    session.add(Equipment(**facts, location_id=place))
    session.flush()
    return detail(session, facts["equipment_no"])


def calibrate(
    session: Session,
    equipment_no: str,
    *,
    performed_at: datetime,
    due_at: datetime,
    result: str,
    certificate: str | None,
) -> EquipmentDetail:
    """Write down a calibration that passed; one that failed, or of what is blocked or planned, is signed in its task."""
    row = keyset.find(session, Equipment, Equipment.equipment_no, equipment_no)
    kept = session.connection().execute(BY_TASK, {"equipment": row.id, "subject": row.subject_id}).one()
    check_by_hand(row.equipment_no, result, planned=kept.planned, blocked=kept.blocked)
    since_clocks(performed_at)
    if due_at <= performed_at:
        raise DUE()
    if performed_at > now(session):
        raise FUTURE()
    session.add(
        Calibration(
            equipment_id=row.id, performed_at=performed_at, due_at=due_at, result=result, certificate=certificate
        )
    )
    session.flush()
    return detail(session, equipment_no)


def set_status(session: Session, equipment_no: str, status: str) -> EquipmentDetail:
    """Take into service or out of it."""
    row = keyset.find(session, Equipment, Equipment.equipment_no, equipment_no)
    row.status = status
    session.add(row)
    session.flush()
    return detail(session, equipment_no)


def locations(
    session: Session, *, limit: int = 50, after: str | None = None, q: str | None = None, kind: str | None = None
) -> LocationPage:
    """Places by code, perhaps of one kind (`undecided`: those that wait for a decision); one statement."""
    start = read_cursor(after, (str,))[0] if after else None
    values = {"after": start, "code": None, **sought(q, Asked.PLACE), "kind": kind, "n": limit + 1}
    rows = session.connection().execute(PLACES, values).all()
    items = tuple(LocationView(**row._mapping) for row in rows[:limit])  # noqa: SLF001 - SQLAlchemy's public name
    return LocationPage(items=items, next=cursor([items[-1].code]) if len(rows) > limit else None)


def create_location(session: Session, facts: dict[str, Any], parent: str | None, site: str | None) -> LocationView:
    """A new place, perhaps within another."""
    keyset.check_free(session, Location.code, facts["code"])
    check_names(facts["name"], facts.get("name_en"))
    within = keyset.find(session, Location, Location.code, parent).id if parent else None
    at = keyset.find(session, Site, Site.code, site).id if site else None
    session.add(Location(**facts, parent_id=within, site_id=at))
    session.flush()
    values = {"after": None, "code": facts["code"], **sought(None), "kind": None, "n": 1}
    return LocationView(**session.connection().execute(PLACES, values).one()._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def decide_kind(session: Session, code: str, kind: str) -> LocationView:
    """What a place is for, from now on; what lies there stays until somebody moves it."""
    row = keyset.find(session, Location, Location.code, code)
    row.kind = kind
    session.add(row)
    session.flush()
    values = {"after": None, "code": row.code, **sought(None), "kind": None, "n": 1}
    return LocationView(**session.connection().execute(PLACES, values).one()._mapping)  # noqa: SLF001 - SQLAlchemy's public name
