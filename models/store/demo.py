"""What the demo company asks the record and writes beside its people's acts: its marker, its plant, names, lateness.

Everything else in the demo company is done by its people through the API.  The marker makes loading safe to repeat after
a kill: it says that this database is the demo's, since when, and whether loading has ended.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.rules.trace import Direction
from models.store import act, plant, trace
from models.tables.evidence import Applied
from models.tables.items import Item
from models.tables.people import Site
from models.tables.processes import HumanTask

BEGUN, ENDED = "demo-company/begun", "demo-company/ended"
State = Literal["empty", "begun", "ended", "other"]

DEVICE = text("""
select i.id from item i join item_identifier c on c.item_id = i.id
 where i.origin = 'migrated' and i.gmdn ilike :gmdn and c.agency = 'GS1' and c.level = 'Primary'
   and c.flagged is null and length(c.code) = 14
 order by not i.lot_on_label, not i.expiry_on_label, i.item_no limit 1
""")
MATERIAL = text("""
select l.id, l.lot_no from lot l join item i on i.id = l.item_id join import_row r on r.id = l.import_row_id
  join import_run f on f.id = r.run_id join lateral (select sum(quantity) as q from stock k where k.lot_id = l.id) s on true
 where l.origin = 'migrated' and l.status = 'released' and l.kind = 'component' and l.uom = 'pcs' and l.expires_on is null
   and l.supplier_id is not null and l.supplier_lot_no is not null and s.q >= :least and f.file_name <> all(:except)
   and not exists (select from hold h where h.lot_id = l.id and h.lifted_at is null)
   and not exists (select from genealogy_edge e where l.id in (e.parent_lot_id, e.child_lot_id))
   and not exists (select from shipment_line n where n.lot_id = l.id)
 order by l.lot_no limit 50
""")
DONE: dict[str, Any] = {
    "lots": text("select lot_no from lot where origin = 'native'"),
    "runs": text("select l.lot_no, o.seq from operation_run o join lot l on l.id = o.lot_id"),
    "stages": text("select l.lot_no, t.stage from human_task t join lot l on l.id = t.lot_id where t.status = 'done'"),
    "shipments": text("select shipment_no from shipment where origin = 'native'"),
    "units": text("select unit_no from logistic_unit"),
    "recalls": text("select title from recall"),
    "holds": text("select l.lot_no, h.reason from hold h join lot l on l.id = h.lot_id"),
}
CHANGES = text(
    "select id from audit_event where table_name not in ('account', 'account_mail', 'security_notice') order by id desc limit 1"
)
WORKFLOWS = text("select workflow_id from process_run order by id")


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


def begin(session: Session, password: str, now: datetime) -> None:
    """Found the plant and mark the database as the demo's."""
    plant.found(session, password, now)
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


def device(session: Session, gmdn: str, name: str) -> str | None:
    """The first imported device of that kind with a sound UDI-DI, under its Chinese name; its item number."""
    found = session.connection().execute(DEVICE, {"gmdn": f"%{gmdn}%"}).scalar()
    if found is None:
        return None
    item = session.get_one(Item, found)
    if item.name != name:
        item.extra = {**item.extra, "source_name": item.name}
        item.name = name
        session.add(item)
        session.flush()
    return item.item_no


def materials(session: Session, least: int, wanted: int, but_not_from: Collection[str]) -> list[str]:
    """Imported lots of bought parts whose origin is completely known, with at least so much in stock."""
    rows = session.connection().execute(MATERIAL, {"least": least, "except": list(but_not_from)}).all()
    found: list[str] = []
    for row in rows:
        if len(found) == wanted:
            break
        answer = trace.trace(session, [row.id], Direction.BOTH)
        if answer.complete and answer.balanced:
            found.append(row.lot_no)
    return found


def make_late(session: Session, late: dict[tuple[str, str], timedelta]) -> None:
    """Let open tasks be overdue by so much, as they would be had the demo begun days ago."""
    now = act.now(session)
    for (lot_no, stage), by in late.items():
        found = session.connection().execute(
            text(
                "select t.id from human_task t join lot l on l.id = t.lot_id"
                " where l.lot_no = :lot and t.stage = :stage and t.status = 'open' and t.due_at > now() for update of t"
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
