"""One batch with everything that hangs on it, in a fixed number of statements, and its timeline."""

from typing import Any, TypeVar

from sqlalchemy import TextClause, text
from sqlmodel import Session

from models.genealogy.store.earlier_numbers import HERITAGE
from models.kernel.request import cursor, read_cursor
from models.kernel.store.english_names import SIGNER
from models.lot.queries import list as queries_lots
from models.lot.queries.views import (
    HoldView,
    InspectionView,
    LotDetail,
    LotShipment,
    OpenItemView,
    PartView,
    RelativeView,
    RunView,
    StockView,
    Timeline,
    TimelineEntry,
)
from models.lot.rules.milestones import Happened, milestones
from models.lot.store.timeline import HAPPENED
from models.person.rules.auth import Principal
from models.process.queries import inbox as queries_tasks
from models.process.queries.views import SignedBy

V = TypeVar("V")

STOCK = text("""
select c.code as location, said(c.name, c.name_en) as location_name, k.quantity,
       held_at_place(k.lot_id, k.location_id) as held from stock k join location c on c.id = k.location_id
 where k.lot_id = :lot and k.quantity > 0 order by c.code""")
HOLDS = text("""
select h.public_id as id, h.reason, h.cause, r.recall_no, h.confirmed_at, said(p.name, p.name_en) as placed_by, h.placed_at,
       said(x.name, x.name_en) as lifted_by, h.lifted_at, h.lift_reason, h.lift_run_id is not null as by_process,
       a.public_id as hold_act, a.lots as act_lots
  from hold h join person p on p.id = h.placed_by_id left join person x on x.id = h.lifted_by_id
  left join recall r on r.id = h.recall_id left join hold_act a on a.id = h.act_id
 where h.lot_id = :lot order by h.id""")
PARTS = text("""
select p.public_id as part, a.public_id as hold_act, o.code as location, said(o.name, o.name_en) as location_name, p.quantity,
       a.reason, said(w.name, w.name_en) as placed_by, a.placed_at
  from hold_part p join hold_act a on a.id = p.act_id join location o on o.id = p.location_id
  join person w on w.id = a.placed_by_id where p.lot_id = :lot and p.ended_at is null order by p.id""")
RELATIVE = """
select l.lot_no, i.item_no, said(i.name, i.name_en) as item, l.kind, l.status,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held,
       e.kind as edge, sum(e.quantity) as quantity, e.uom
  from genealogy_edge e join lot l on l.id = e.{far} join item i on i.id = l.item_id
 where e.{near} = :lot and e.{far} <> :lot
   and e.superseded_at is null
 group by l.id, i.item_no, i.name, i.name_en, e.kind, e.uom order by l.lot_no, e.kind"""
PARENTS = text(RELATIVE.format(near="child_lot_id", far="parent_lot_id"))
CHILDREN = text(RELATIVE.format(near="parent_lot_id", far="child_lot_id"))
INSPECTIONS = text(f"""
{HERITAGE}
select n.public_id as id, n.inspection_no, n.stage, n.revision, c.code as plan, n.status,
       (select count(*) from inspection_result r where r.inspection_id = n.id and r.passed) as passed,
       (select count(*) from inspection_result r where r.inspection_id = n.id and not r.passed) as failed,
       n.opened_at, n.decided_at, said(p.name, p.name_en) as decided_by, case when l.id <> :lot then l.lot_no end as inherited_from
  from heritage t join inspection n on n.lot_id = t.lot_id and (t.lot_id = :lot or n.decided_at <= t.until)
  join lot l on l.id = n.lot_id
  left join inspection_plan c on c.id = n.plan_id left join person p on p.id = n.decided_by_id
 order by n.id""")  # noqa: S608 - our own words
NONCONFORMANCES = text("""
select n.public_id as id, n.nonconformance_no as number, n.title, n.status, said(p.name, p.name_en) as owner, n.opened_at, n.closed_at,
       case n.status when 'closed' then n.disposition end as disposition
  from nonconformance n left join person p on p.id = n.owner_id where n.lot_id = :lot order by n.id""")
SIGNATURES = text(f"""
select p.public_id as person, {SIGNER} as name, said(b.name, b.name_en) as on_behalf_of, s.meaning, s.outcome, s.signed_at as at,
       s.digest, s.statement, coalesce(t.reason, r.canonical::jsonb ->> 'reason') as reason
  from signature s join person p on p.id = s.person_id left join person b on b.id = s.on_behalf_of_id
  left join human_task t on t.id = s.task_id left join signed_record r on r.digest = s.statement and s.task_id is null
 where s.lot_id = :lot
    or s.run_id = any(array(select k.run_id from run_link k join lot l on l.subject_id = k.subject_id where l.id = :lot))
 order by s.id""")  # noqa: S608 - our own words
RUNS = text("""
select r.workflow_id, d.key as definition, d.version, r.status, r.result, r.started_at, r.ended_at
  from process_run r join definition_version d on d.id = r.definition_id where r.lot_id = :lot
    or r.id = any(array(select k.run_id from run_link k join lot l on l.subject_id = k.subject_id where l.id = :lot)) order by r.id""")
SHIPMENTS = text("""
select h.shipment_no, c.customer_no, said(c.name, c.name_en) as customer, h.status, sum(n.quantity) as quantity,
       sum(n.returned) as returned, h.shipped_at
  from shipment_line n join shipment h on h.id = n.shipment_id join customer c on c.id = h.customer_id
 where n.lot_id = :lot group by h.id, c.customer_no, c.name, c.name_en order by h.shipped_at nulls last, h.id""")
ORDERS = text("select w.work_order_no from work_order w where w.lot_id = :lot order by w.id")
SERIALS = text("select count(*) from serial_unit u where u.lot_id = :lot")
FACTS = text(f"""
select f.id, f.fact, f.at, f.happened_at, said(p.name, p.name_en) as who, f.data from {HAPPENED} f left join person p on p.id = f.person_id
 where f.lot_id = :lot and (cast(:at as timestamptz) is null or (f.at, f.id) > (cast(:at as timestamptz), :id))
 order by f.at, f.id limit :n""")  # noqa: S608 - our own words
MILESTONES = text(f"""
{HERITAGE}
select f.fact, f.at, coalesce(said(p.name, p.name_en), '') as who
  from heritage t join lot_fact f on f.lot_id = t.lot_id and f.at <= t.until
  left join person p on p.id = f.person_id
 where f.fact = any(cast(:facts as text[]))
   -- what left the earlier lot is none of these goods
   and (t.lot_id = :lot or f.fact not in ('lot.shipped', 'lot.closed'))
 order by f.at, f.id""")  # noqa: S608 - our own words


def detail(session: Session, principal: Principal, lot_no: str) -> LotDetail:
    """The batch."""
    key, lot = queries_lots.one(session, lot_no)
    happened = _all(session, MILESTONES, Happened, lot=key, facts=_milestone_facts())
    connection = session.connection()
    return LotDetail(
        lot=lot,
        milestones=milestones(lot.kind, lot.status, happened),
        stock=_all(session, STOCK, StockView, lot=key),
        holds=_all(session, HOLDS, HoldView, lot=key),
        parts=_all(session, PARTS, PartView, lot=key),
        parents=_all(session, PARENTS, RelativeView, lot=key),
        children=_all(session, CHILDREN, RelativeView, lot=key),
        inspections=_all(session, INSPECTIONS, InspectionView, lot=key),
        nonconformances=_all(session, NONCONFORMANCES, OpenItemView, lot=key),
        tasks=queries_tasks.concerning(session, principal, "lot", lot_no),
        signatures=_all(session, SIGNATURES, SignedBy, lot=key),
        runs=_all(session, RUNS, RunView, lot=key),
        shipments=_all(session, SHIPMENTS, LotShipment, lot=key),
        work_orders=tuple(connection.execute(ORDERS, {"lot": key}).scalars().all()),
        serial_units=connection.execute(SERIALS, {"lot": key}).scalar_one(),
    )


def timeline(session: Session, lot_no: str, *, limit: int = 200, after: str | None = None) -> Timeline:
    """The batch's facts, oldest first."""
    key, _ = queries_lots.one(session, lot_no)
    at, last = read_cursor(after, (str, int)) if after else (None, None)
    rows = _all(session, FACTS, TimelineEntry, lot=key, at=at, id=last, n=limit + 1)
    following = cursor([rows[limit - 1].at.isoformat(), rows[limit - 1].id]) if len(rows) > limit else None
    return Timeline(items=rows[:limit], next=following)


def _milestone_facts() -> list[str]:
    from models.lot.rules.milestones import REACHED_BY, REWORK

    return [*REACHED_BY, REWORK]


def _all(session: Session, statement: TextClause, view: type[V], **values: Any) -> tuple[V, ...]:
    rows = session.connection().execute(statement, values).all()
    return tuple(view(**row._mapping) for row in rows)  # noqa: SLF001 - SQLAlchemy's public name
