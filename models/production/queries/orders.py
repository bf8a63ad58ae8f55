"""Work orders with their operations as they were done (5M1E), in a fixed number of statements (REQUIREMENTS 58, 59)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel import Session

from models.genealogy.store.alive import ALIVE
from models.kernel.request import cursor, read_cursor
from models.production.rules.operation import UNKNOWN_ORDER

COLUMNS = """
select w.id as key, w.public_id as id, w.work_order_no, i.item_no, said(i.name, i.name_en) as item, l.lot_no, l.status as lot_status,
       w.quantity, w.produced, w.scrapped, w.uom, w.status, w.document, w.document_version, c.code as location,
       coalesce(w.opened_at, w.created_at) as opened_at, w.created_at, w.finished_at, w.origin,
       (select count(*) from routing_step s where s.work_order_id = w.id) as steps,
       (select count(distinct r.seq) from operation_run r where r.work_order_id = w.id) as done
  from work_order w join item i on i.id = w.item_id left join lot l on l.id = w.lot_id
  left join location c on c.id = w.location_id
"""
PAGE = text(f"""{COLUMNS}
 where (cast(:after as bigint) is null or w.id < :after) and (cast(:status as text) is null or w.status = :status)
   and (cast(:item as text) is null or i.item_no = :item)
 order by w.id desc limit :n
""")
ONE = text(f"{COLUMNS} where w.work_order_no = :number")
STEPS = text("""
select s.seq, s.code, s.title_zh, s.title_en, s.qualification, s.equipment_kind, s.environment, s.parameters
  from routing_step s where s.work_order_id = :order order by s.seq""")
OPERATIONS = text("""
select r.id as key, r.public_id as id, r.seq, r.run_no, r.code, r.started_at, r.finished_at, said(p.name, p.name_en) as recorded_by,
       r.recorded_at, r.document, r.document_version, c.code as location, r.produced, r.scrapped, l.lot_no, r.load_no
  from operation_run r join person p on p.id = r.recorded_by_id join lot l on l.id = r.lot_id
  left join location c on c.id = r.location_id where r.work_order_id = :order order by r.seq, r.run_no""")
PEOPLE = text("""
select o.operation_run_id as run, said(p.name, p.name_en) as name, q.code as qualification, q.document from operation_person o
  join operation_run r on r.id = o.operation_run_id join person p on p.id = o.person_id
  left join qualification q on q.id = o.qualification_id where r.work_order_id = :order order by o.id""")
MACHINES = text("""
select o.operation_run_id as run, e.equipment_no, said(e.name, e.name_en) as name, c.due_at as calibration_due_at from operation_equipment o
  join operation_run r on r.id = o.operation_run_id join equipment e on e.id = o.equipment_id
  left join calibration c on c.id = o.calibration_id where r.work_order_id = :order order by o.id""")
PARAMETERS = text("""
select o.operation_run_id as run, o.name, o.value, o.text_value, o.unit, o.lower, o.upper from operation_parameter o
  join operation_run r on r.id = o.operation_run_id where r.work_order_id = :order order by o.id""")
READINGS = text("""
select o.operation_run_id as run, v.quantity, v.value, v.told, v.unit, v.lower, v.upper, v.measured_at
  from operation_environment o join operation_run r on r.id = o.operation_run_id
  join environment_reading v on v.id = o.environment_reading_id where r.work_order_id = :order order by o.id""")
CONSUMED = text(f"""
select e.operation_run_id as run, l.lot_no, i.item_no, said(i.name, i.name_en) as item, e.quantity, e.uom from genealogy_edge e
  join operation_run r on r.id = e.operation_run_id join lot l on l.id = e.parent_lot_id
  join item i on i.id = l.item_id where r.work_order_id = :order and {ALIVE} order by e.id""")  # noqa: S608 - our own words


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkOrderView:
    """An order in a list; `done` of `steps` operations have been recorded."""

    id: UUID
    work_order_no: str
    item_no: str
    item: str
    lot_no: str | None
    lot_status: str | None
    quantity: Decimal
    produced: Decimal
    scrapped: Decimal
    uom: str
    status: str
    document: str | None
    document_version: str | None
    location: str | None
    created_at: datetime
    finished_at: datetime | None
    origin: str
    steps: int
    done: int
    opened_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkOrderPage:
    """One page of orders."""

    items: tuple[WorkOrderView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StepView:
    """A planned operation."""

    seq: int
    code: str
    title_zh: str
    title_en: str
    qualification: str | None
    equipment_kind: str | None
    environment: bool
    parameters: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonAtWork:
    """Who did it, with the skill that allowed it."""

    name: str
    qualification: str | None
    document: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineAtWork:
    """With which machine, and until when its calibration held."""

    equipment_no: str
    name: str
    calibration_due_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterView:
    """A process value with its limits."""

    name: str
    value: Decimal | None
    text_value: str | None
    unit: str | None
    lower: Decimal | None
    upper: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingView:
    """An environment reading with its limits; `told` are its digits as they were entered."""

    quantity: str
    value: Decimal
    told: str | None
    unit: str
    lower: Decimal | None
    upper: Decimal | None
    measured_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsumedView:
    """What went in."""

    lot_no: str
    item_no: str
    item: str
    quantity: Decimal | None
    uom: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationView:
    """An operation as it was done: man, machine, material, method, environment."""

    id: UUID
    seq: int
    run_no: int
    code: str
    lot_no: str
    started_at: datetime
    finished_at: datetime
    recorded_by: str
    recorded_at: datetime
    document: str | None
    document_version: str | None
    location: str | None
    produced: Decimal
    scrapped: Decimal
    load_no: str | None
    people: tuple[PersonAtWork, ...]
    equipment: tuple[MachineAtWork, ...]
    consumed: tuple[ConsumedView, ...]
    parameters: tuple[ParameterView, ...]
    environment: tuple[ReadingView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkOrderDetail:
    """An order with its routing and what was done."""

    order: WorkOrderView
    routing: tuple[StepView, ...]
    operations: tuple[OperationView, ...]


def page(
    session: Session,
    *,
    limit: int = 50,
    after: str | None = None,
    status: str | None = None,
    item: str | None = None,
) -> WorkOrderPage:
    """Orders, newest first; one statement."""
    start = read_cursor(after, (int,))[0] if after else None
    values = {"after": start, "status": status, "item": item, "n": limit + 1}
    rows = session.connection().execute(PAGE, values).all()
    following = cursor([rows[limit - 1].key]) if len(rows) > limit else None
    return WorkOrderPage(items=tuple(_order(row) for row in rows[:limit]), next=following)


def detail(session: Session, number: str) -> WorkOrderDetail:
    """The order with that number."""
    row = session.connection().execute(ONE, {"number": number}).one_or_none()
    if row is None:
        raise UNKNOWN_ORDER(order=number[:80])
    people = _by_run(session, PEOPLE, row.key)
    machines = _by_run(session, MACHINES, row.key)
    consumed = _by_run(session, CONSUMED, row.key)
    parameters = _by_run(session, PARAMETERS, row.key)
    readings = _by_run(session, READINGS, row.key)
    operations = session.connection().execute(OPERATIONS, {"order": row.key}).mappings().all()
    return WorkOrderDetail(
        order=_order(row),
        routing=tuple(StepView(**step) for step in session.connection().execute(STEPS, {"order": row.key}).mappings()),
        operations=tuple(
            OperationView(
                **_without(one, "key"),
                people=tuple(PersonAtWork(**each) for each in people[one["key"]]),
                equipment=tuple(MachineAtWork(**each) for each in machines[one["key"]]),
                consumed=tuple(ConsumedView(**each) for each in consumed[one["key"]]),
                parameters=tuple(ParameterView(**each) for each in parameters[one["key"]]),
                environment=tuple(ReadingView(**each) for each in readings[one["key"]]),
            )
            for one in operations
        ),
    )


def _order(row: Any) -> WorkOrderView:
    return WorkOrderView(**_without(row._mapping, "key"))  # noqa: SLF001 - SQLAlchemy's public name


def _by_run(session: Session, statement: TextClause, order: int) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in session.connection().execute(statement, {"order": order}).mappings():
        found[row["run"]].append(_without(row, "run"))
    return found


def _without(row: Mapping[Any, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
