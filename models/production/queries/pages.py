"""Work orders for their pages: the list, and one order with its operations as they were done (REQUIREMENTS 58, 59)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.genealogy.store.alive import ALIVE
from models.kernel.request import cursor, read_cursor
from models.production.rules.operation import UNKNOWN_ORDER

_HELD = "exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held"
_ORDER = f"""
select w.id, w.work_order_no, w.status, w.quantity, w.produced, w.scrapped, w.uom, w.document, w.document_version,
       coalesce(w.opened_at, w.created_at) as opened_at, w.created_at, w.finished_at, coalesce((w.extra ->> 'cycle')::int, 1) as cycle, i.item_no, said(i.name, i.name_en) as item,
       l.lot_no, l.status as lot_status, l.expires_on, l.expiry_precision, {_HELD}, p.code as location,
       said(p.name, p.name_en) as location_name
"""
_FROM = """
  join item i on i.id = w.item_id left join lot l on l.id = w.lot_id left join location p on p.id = w.location_id
"""
PAGE = text(f"""
{_ORDER}, (select count(*) from routing_step s where s.work_order_id = w.id) as steps,
       (select count(distinct r.seq) from operation_run r where r.work_order_id = w.id
         and r.run_no >= coalesce((w.extra ->> 'cycle')::int, 1)) as done,
       coalesce((select max(r.recorded_at) from operation_run r where r.work_order_id = w.id), w.created_at)
         as changed_at
  from (select * from work_order o where (cast(:after as bigint) is null or o.id < :after)
           and (cast(:status as text) is null or o.status = :status) order by o.id desc limit :n) w
{_FROM} order by w.id desc
""")  # noqa: S608 - our own words
ONE = text(f"{_ORDER} from work_order w {_FROM} where w.work_order_no = :number")
STEPS = text("""
select s.seq, s.code, s.title_zh, s.title_en, s.qualification, s.equipment_kind, s.environment, s.parameters,
       coalesce((select max(r.run_no) from operation_run r where r.work_order_id = s.work_order_id and r.seq = s.seq), 0)
         as runs
  from routing_step s where s.work_order_id = :id order by s.seq
""")
_RUNS = "join operation_run r on r.id = x.operation_run_id where r.work_order_id = :id order by x.id"
RUNS = text("""
select r.id, r.seq, r.run_no, r.started_at, r.finished_at, r.document, r.document_version, r.produced, r.scrapped, r.load_no,
       p.code as location from operation_run r left join location p on p.id = r.location_id
 where r.work_order_id = :id order by r.finished_at, r.id
""")
PEOPLE = text(
    f"select x.operation_run_id as run, said(p.name, p.name_en) as name from operation_person x join person p on p.id = x.person_id {_RUNS}"  # noqa: S608 - our own words
)
MACHINES = text(
    f"select x.operation_run_id as run, e.equipment_no from operation_equipment x"  # noqa: S608 - our own words
    f" join equipment e on e.id = x.equipment_id {_RUNS}"
)
PARAMETERS = text(
    f"select x.operation_run_id as run, x.name, x.value, x.text_value, x.unit, x.lower, x.upper"  # noqa: S608 - our own words
    f" from operation_parameter x {_RUNS}"
)
READINGS = text(
    f"select x.operation_run_id as run, v.quantity, v.value, v.told, v.unit, v.lower, v.upper from operation_environment x"  # noqa: S608 - our own words
    f" join environment_reading v on v.id = x.environment_reading_id {_RUNS}"
)
CONSUMED = text(f"""
select e.operation_run_id as run, l.lot_no, l.status, l.expires_on, l.expiry_precision, said(i.name, i.name_en) as item,
       e.quantity, e.uom, {_HELD}
  from genealogy_edge e join operation_run r on r.id = e.operation_run_id
  join lot l on l.id = e.parent_lot_id join item i on i.id = l.item_id
 where r.work_order_id = :id and {ALIVE} order by e.id
""")  # noqa: S608 - our own words
USABLE = text("""
select l.lot_no, said(i.name, i.name_en) as item, l.uom, sum(k.quantity) as quantity, l.expires_on, l.expiry_precision
  from stock k join lot l on l.id = k.lot_id join item i on i.id = l.item_id
 where k.quantity > 0 and l.status = 'released' and l.kind in ('raw', 'component', 'in_process')
   and not exists (select from hold h where h.lot_id = l.id and h.lifted_at is null)
   and not lot_expired(l, coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai'))
 group by l.id, i.name, i.name_en order by lot_end(l) nulls last, l.id limit :n
""")


@dataclass(frozen=True)
class OrderList:
    """One page of work orders."""

    rows: tuple[Row[Any], ...]
    next: str | None


@dataclass(frozen=True)
class OrderRecord:
    """A work order with everything recorded on it."""

    order: Row[Any]
    steps: tuple[Row[Any], ...]
    runs: tuple[Row[Any], ...]
    people: tuple[Row[Any], ...]
    machines: tuple[Row[Any], ...]
    parameters: tuple[Row[Any], ...]
    readings: tuple[Row[Any], ...]
    consumed: tuple[Row[Any], ...]

    @property
    def next_step(self) -> Row[Any] | None:
        """The operation whose turn it is; None when all are done in this cycle."""
        return next((step for step in self.steps if step.runs < self.order.cycle), None)


def page(session: Session, *, limit: int = 50, after: str | None = None, status: str = "") -> OrderList:
    """Work orders, newest first; one statement."""
    start = read_cursor(after, (int,))[0] if after else None
    given = {"after": start, "status": status or None, "n": limit + 1}
    rows = session.connection().execute(PAGE, given).all()
    following = cursor([rows[limit - 1].id]) if len(rows) > limit else None
    return OrderList(rows=tuple(rows[:limit]), next=following)


def read(session: Session, number: str) -> OrderRecord:
    """One work order: eight statements; OPR-001 when there is none."""
    order = session.connection().execute(ONE, {"number": number}).one_or_none()
    if order is None:
        raise UNKNOWN_ORDER(order=number[:80])

    def ask(query: Any) -> tuple[Row[Any], ...]:
        return tuple(session.connection().execute(query, {"id": order.id}).all())

    queries = (STEPS, RUNS, PEOPLE, MACHINES, PARAMETERS, READINGS, CONSUMED)
    return OrderRecord(order, *(ask(query) for query in queries))


def usable(session: Session, limit: int) -> tuple[Row[Any], ...]:
    """Released material in stock, first expired first."""
    return tuple(session.connection().execute(USABLE, {"n": limit}).all())
