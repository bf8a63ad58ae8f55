"""What the keys in an audit trail mean to people: names, codes, numbers; one statement per kind of key."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlmodel import Session

from models.audit.queries.trail import AuditEventView
from models.definition.document import Text
from models.process.queries.reading import definitions_of

NAMES = {
    "person": "select p.id, said(p.name, p.name_en) as said from person p where p.id = any(cast(:ids as bigint[]))",
    "location": "select l.id, l.code as said from location l where l.id = any(cast(:ids as bigint[]))",
    "item": "select i.id, i.item_no as said from item i where i.id = any(cast(:ids as bigint[]))",
    "supplier": "select s.id, said(s.name, s.name_en) as said from supplier s where s.id = any(cast(:ids as bigint[]))",
    "lot": "select l.id, l.lot_no as said from lot l where l.id = any(cast(:ids as bigint[]))",
    "characteristic": "select c.id, c.name_zh || ' / ' || c.name_en as said from characteristic c"
    " where c.id = any(cast(:ids as bigint[]))",
    "inspection": "select n.id, n.inspection_no as said from inspection n where n.id = any(cast(:ids as bigint[]))",
    "work_order": "select w.id, w.work_order_no as said from work_order w where w.id = any(cast(:ids as bigint[]))",
    "equipment": "select e.id, e.equipment_no as said from equipment e where e.id = any(cast(:ids as bigint[]))",
    "process_run": "select r.id, r.workflow_id as said from process_run r where r.id = any(cast(:ids as bigint[]))",
    "shipment": "select h.id, h.shipment_no as said from shipment h where h.id = any(cast(:ids as bigint[]))",
    "customer": "select c.id, said(c.name, c.name_en) as said from customer c where c.id = any(cast(:ids as bigint[]))",
}
PEOPLE = (
    "person_id", "assignee_id", "done_by_id", "placed_by_id", "lifted_by_id", "decided_by_id", "recorded_by_id",
    "on_behalf_of_id", "owner_id", "author_id", "opened_by_id", "planned_by_id", "fixed_by_id",
)  # fmt: skip
TARGETS = {
    **dict.fromkeys(PEOPLE, "person"),
    **dict.fromkeys(("from_location_id", "to_location_id", "location_id"), "location"),
    **dict.fromkeys(("lot_id", "parent_lot_id", "child_lot_id"), "lot"),
    "item_id": "item",
    "supplier_id": "supplier",
    "characteristic_id": "characteristic",
    "inspection_id": "inspection",
    "work_order_id": "work_order",
    "equipment_id": "equipment",
    "run_id": "process_run",
    "parent_id": "process_run",
    "shipment_id": "shipment",
    "customer_id": "customer",
}


DEFINITIONS = text(
    "select r.definition_id from process_run r join lot l on l.id = r.lot_id where l.lot_no = :lot union"
    " select r.definition_id from process_run r join run_link k on k.run_id = r.id join lot l on l.subject_id = k.subject_id"
    " where l.lot_no = :lot"
)
DEFINITIONS_OF = text("select distinct r.definition_id from process_run r where r.subject_id = :subject")


def stage_titles(session: Session, lot_no: str) -> dict[str, Text]:
    """What the steps of the batch's processes are called, by key and by `process.key`; two statements."""
    return _titles(session, set(session.connection().execute(DEFINITIONS, {"lot": lot_no}).scalars().all()))


def stage_titles_of(session: Session, subject: int) -> dict[str, Text]:
    """The same of any subject, by its key."""
    return _titles(session, set(session.connection().execute(DEFINITIONS_OF, {"subject": subject}).scalars().all()))


def _titles(session: Session, ids: set[int]) -> dict[str, Text]:
    titles: dict[str, Text] = {}
    for definition in definitions_of(session, ids).values():
        for stage in definition.stages:
            titles[stage.key] = titles[f"{definition.key}.{stage.key}"] = stage.title
    return titles


def meanings(session: Session, events: Iterable[AuditEventView]) -> dict[tuple[str, int], str]:
    """(column, key) → what it names."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        for change in event.changes:
            kind = TARGETS.get(change.column)
            for value in (change.before, change.after):
                if kind is not None and isinstance(value, int):
                    wanted.setdefault(kind, set()).add(value)
    said: dict[tuple[str, int], str] = {}
    for kind, ids in sorted(wanted.items()):
        rows = session.connection().execute(text(NAMES[kind]), {"ids": sorted(ids)}).all()
        for column in (column for column, target in TARGETS.items() if target == kind):
            said |= {(column, row.id): row.said for row in rows}
    return said
