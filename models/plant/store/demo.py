"""What the demo company asks the record and writes beside its people's acts: its marker, its plant, names, lateness.

Everything else in the demo company is done by its people through the API.  The marker makes loading safe to repeat after
a kill: it says that this database is the demo's, since when, and whether loading has ended.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.equipment.tables import Calibration, Equipment
from models.inspection.tables import Characteristic, InspectionPlan
from models.item.tables import Item
from models.kernel.store import act
from models.kernel.tables import Applied
from models.partner.tables import Customer
from models.person.tables import Site
from models.place.tables import Location
from models.plant.store import plant
from models.process.tables.process import HumanTask

BEGUN, ENDED = "demo-company/begun", "demo-company/ended"
State = Literal["empty", "begun", "ended", "other"]

DEVICE = text("""
select i.id from item i join item_identifier c on c.item_id = i.id
 where i.origin = 'migrated' and i.gmdn ilike :gmdn and c.agency = 'GS1' and c.level = 'Primary'
   and c.flagged is null and length(c.code) = 14
 order by not i.lot_on_label, not i.expiry_on_label, i.item_no limit 1
""")
DONE: dict[str, Any] = {
    "lots": text("select lot_no from lot where origin = 'native'"),
    "runs": text("select l.lot_no, o.seq from operation_run o join lot l on l.id = o.lot_id"),
    "stages": text(
        "select l.lot_no, t.stage from human_task t join lot l on l.id = t.lot_id where t.status = 'done' union all"
        " select l.lot_no, t.stage from human_task t join run_link k on k.run_id = t.run_id join lot l on l.subject_id = k.subject_id"
        " where t.status = 'done'"
    ),
    "shipments": text("select shipment_no from shipment where origin = 'native'"),
    "units": text("select unit_no from logistic_unit"),
    "recalls": text("select title from recall"),
    "holds": text("select l.lot_no, h.reason from hold h join lot l on l.id = h.lot_id"),
}
CHANGES = text(
    "select id from audit_event where table_name not in ('account', 'account_mail', 'security_notice') order by id desc limit 1"
)
CANCELLED = text("select workflow_id from process_run where status = 'cancelled'")
WORKFLOWS = text("select workflow_id from process_run order by id")


@dataclass(frozen=True)
class Gauge:
    """A gauge or machine that the demo company has beside those of every plant."""

    number: str
    name: str
    name_en: str
    kind: str
    place: str


@dataclass(frozen=True)
class Room:
    """A place that the demo company has beside those of every plant."""

    code: str
    name: str
    name_en: str
    kind: str


@dataclass(frozen=True)
class Measured:
    """What is measured on three pieces of each lot of an item, between which limits, with which kind of gauge."""

    zh: str
    en: str
    unit: str
    lower: Decimal | None
    upper: Decimal | None
    gauge: str


@dataclass
class Progress:
    """What the demo's people have done so far, so that loading goes on where it was killed."""

    lots: set[str] = field(default_factory=set)
    runs: set[tuple[str, int]] = field(default_factory=set)
    stages: Counter[tuple[str, str]] = field(default_factory=Counter)
    shipments: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    holds: set[tuple[str, str]] = field(default_factory=set)
    recalls: set[str] = field(default_factory=set)


def state(session: Session) -> State:
    """Whether this database is empty, the demo's (loading or loaded), or somebody's own."""
    marks = set(session.exec(select(Applied.activity_key).where(col(Applied.activity_key).in_([BEGUN, ENDED]))))
    if ENDED in marks:
        return "ended"
    if BEGUN in marks:
        return "begun"
    used = session.exec(select(Site.id)).first() or session.exec(select(Item.id)).first()
    return "other" if used else "empty"


def begin(session: Session, password: str, now: datetime, late_entry_hours: int) -> None:
    """Found the plant, with its limit for entries, and mark the database as the demo's."""
    plant.found(session, password, now)
    session.exec(select(Site)).one().late_entry_hours = late_entry_hours
    session.add(Applied(activity_key=BEGUN, receipt={"at": now.isoformat()}))
    session.flush()


def begun_at(session: Session) -> datetime:
    """When loading began: the demo's own time, so that a second attempt writes the same."""
    row = session.exec(select(Applied).where(Applied.activity_key == BEGUN)).one()
    return datetime.fromisoformat(row.receipt["at"])


def end(session: Session) -> None:
    """Mark the demo company as complete."""
    session.add(Applied(activity_key=ENDED, receipt={}))
    session.flush()


def progress(session: Session) -> Progress:
    """What has been done."""
    rows = {name: session.connection().execute(query).all() for name, query in DONE.items()}
    return Progress(
        lots={row[0] for row in rows["lots"]},
        runs={(row[0], row[1]) for row in rows["runs"]},
        stages=Counter((row[0], row[1]) for row in rows["stages"]),
        shipments={row[0] for row in rows["shipments"]},
        units={row[0] for row in rows["units"]},
        holds={(row[0], row[1]) for row in rows["holds"]},
        recalls={row[0] for row in rows["recalls"]},
    )


def device(session: Session, gmdn: str, name: str, name_en: str) -> str | None:
    """The first imported device of that kind with a sound UDI-DI, under the name that the company gives it; its item number."""
    found = session.connection().execute(DEVICE, {"gmdn": f"%{gmdn}%"}).scalar()
    if found is None:
        return None
    item = session.get_one(Item, found)
    if item.name != name:
        item.extra = {**item.extra, "source_name": item.name}
        item.name, item.name_en = name, name_en
        session.add(item)
        session.flush()
    return item.item_no


def equip(
    session: Session,
    places: Sequence[Room],
    gauges: Sequence[Gauge],
    plans: Mapping[str, Measured],
) -> None:
    """Places, gauges, what is measured on each item, where customers are; twice changes nothing."""
    for customer in session.exec(select(Customer)).all():
        customer.country = customer.country or "CN"  # its market: whose legal clocks a recall starts
    if session.exec(select(Equipment.id).where(Equipment.equipment_no == gauges[0].number)).first() is not None:
        return
    site = session.exec(select(Site.id)).one()
    for place in places:
        session.add(Location(code=place.code, name=place.name, name_en=place.name_en, kind=place.kind, site_id=site))
    session.flush()
    for gauge in gauges:
        _gauge(session, gauge)
    for item_no, measured in plans.items():
        _plan(session, session.exec(select(Item).where(Item.item_no == item_no)).one(), measured)
    session.flush()


def _gauge(session: Session, gauge: Gauge) -> None:
    where = session.exec(select(Location.id).where(Location.code == gauge.place)).one()
    machine = Equipment(
        equipment_no=gauge.number, name=gauge.name, name_en=gauge.name_en, kind=gauge.kind, location_id=where
    )
    session.add(machine)
    session.flush()
    done = act.now(session) - timedelta(days=120)  # before the oldest work that it measured
    calibration = Calibration(
        equipment_id=machine.id,
        performed_at=done,
        due_at=done + timedelta(days=365),
        certificate=f"CAL-{gauge.number}",
    )
    session.add(calibration)


def _plan(session: Session, item: Item, measured: Measured) -> None:
    stage = "incoming" if item.kind in {"raw", "component"} else "final"
    plan = InspectionPlan(
        code=f"{'IQC' if stage == 'incoming' else 'FQC'}-{item.item_no}",
        title=item.name,
        title_en=item.name_en,
        stage=stage,
        item_id=item.id,
        qualification="inspection",
    )
    session.add(plan)
    session.flush()
    look = Characteristic(plan_id=plan.id, seq=1, name_zh="外观", name_en="Appearance", kind="attribute", sample_size=3)
    value = Characteristic(
        plan_id=plan.id,
        seq=2,
        name_zh=measured.zh,
        name_en=measured.en,
        kind="variable",
        unit=measured.unit,
        lower=measured.lower,
        upper=measured.upper,
        sample_size=3,
        equipment_kind=measured.gauge,
    )
    session.add_all([look, value])


def make_late(session: Session, late: dict[tuple[str, str], timedelta]) -> None:
    """Let open tasks be overdue by so much, as they would be had the demo begun days ago."""
    now = act.now(session)
    for (lot_no, stage), by in late.items():
        found = session.connection().execute(
            text(
                "select t.id from human_task t where t.stage = :stage and t.status = 'open' and t.due_at > now()"
                " and (t.lot_id = (select l.id from lot l where l.lot_no = :lot) or t.run_id in (select k.run_id from run_link k"
                " join lot l on l.subject_id = k.subject_id where l.lot_no = :lot)) for update of t"
            ),
            {"lot": lot_no, "stage": stage},
        )
        for task_id in found.scalars().all():
            task = session.get_one(HumanTask, task_id)
            back = (task.due_at or now) - now + by
            task.opened_at, task.due_at = task.opened_at - back, now - by
            task.pick_up_by = task.pick_up_by and task.pick_up_by - back
            session.add(task)
    session.flush()


def last_change(session: Session) -> int:
    """The newest change in the audit trail, apart from counted passwords: the same before and after a refusal."""
    return session.connection().execute(CHANGES).scalar() or 0


def workflow_ids(session: Session) -> list[str]:
    """The workflows that the record knows of."""
    return list(session.connection().execute(WORKFLOWS).scalars())


def cancelled(session: Session) -> frozenset[str]:
    """Those whose run the record has called off."""
    return frozenset(session.connection().execute(CANCELLED).scalars())
