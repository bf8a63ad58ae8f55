"""The links into a batch: what it was made of as recorded, what was corrected, by whom and why (REQUIREMENTS 13, 21)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, text
from sqlmodel import Session

from models.correction.rules import Child, Link
from models.identifier.rules.scanned_field import Asked, searched
from models.lot.rules.lot import LotStatus, Pick
from models.lot.tables import Lot

BETWEEN = text("""
select e.id, e.kind, e.quantity, o.seq, o.recorded_by_id as by, coalesce(said(p.name, p.name_en), '') as by_name, o.recorded_at,
       e.superseded_at is null as alive
  from genealogy_edge e left join operation_run o on o.id = e.operation_run_id
  left join person p on p.id = o.recorded_by_id
 where e.child_lot_id = :child and e.parent_lot_id = :parent order by e.id
""")
CHILD = text("""
select (select max(i.decided_at) from inspection i where i.lot_id = :lot) as inspected_at,
       exists (select from signature s join process_run r on r.id = s.run_id
                where s.lot_id = :lot and s.subject = 'release' and r.status = 'running') as signed,
       exists (select from shipment_line n where n.lot_id = :lot) as shipped
""")
HEIRS = text("""
with recursive heir (lot_id) as (
  select cast(:lot as bigint)
  union
  select e.child_lot_id from heir h join genealogy_edge e on e.parent_lot_id = h.lot_id
   where e.superseded_at is null and e.kind in ('split', 'merge', 'repack')
)
select l.lot_no from heir h join lot l on l.id = h.lot_id order by l.id
""")
BELOW = text("select l.lot_no from unnest(lots_below(array[cast(:lot as bigint)])) b (id) join lot l on l.id = b.id")
TAKEN = text("""
select x.place, c.code, sum(x.quantity) as quantity from (
  select m.from_location_id as place, m.quantity from stock_movement m
   where m.operation_run_id = :run and m.lot_id = :lot and m.kind in ('consume', 'adjust')
     and m.from_location_id is not null
  union all
  select m.to_location_id, - m.quantity from stock_movement m
   where m.operation_run_id = :run and m.lot_id = :lot and m.kind = 'adjust' and m.to_location_id is not null
) x join location c on c.id = x.place group by x.place, c.code having sum(x.quantity) > 0
""")
CORRECTED_BY = text("""
select coalesce(said(p.name, p.name_en), '') as who, f.at from lot_fact f left join person p on p.id = f.person_id
 where f.lot_id = :child and f.fact = 'lot.link_corrected' and f.data ->> 'wrong' = :wrong
   and (cast(:link as text) is null or f.data ->> 'link' = :link)
 order by f.id desc limit 1
""")
INTO = text("""
select e.id, l.lot_no, said(i.name, i.name_en) as item, e.kind, e.quantity, e.uom, o.seq, w.work_order_no as work_order,
       s.title_zh, s.title_en, e.at, e.recorded_at, e.superseded_at, e.supersedes_id, e.source,
       e.supersedes_id is not null or coalesce(e.recorded_at > o.recorded_at, false) as correction,
       coalesce(said(r.name, r.name_en), '') as recorded_by, c.who as corrected_by, c.reason
  from genealogy_edge e join lot l on l.id = e.parent_lot_id join item i on i.id = l.item_id
  left join operation_run o on o.id = e.operation_run_id left join person r on r.id = o.recorded_by_id
  left join work_order w on w.id = o.work_order_id
  left join routing_step s on s.work_order_id = o.work_order_id and s.seq = o.seq
  left join lateral (
    select said(p.name, p.name_en) as who, f.data ->> 'reason' as reason from lot_fact f left join person p on p.id = f.person_id
     where e.superseded_at is not null and f.lot_id = e.child_lot_id and f.fact = 'lot.link_corrected'
       and f.data ->> 'link' = e.id::text order by f.id desc limit 1) c on true
 where e.child_lot_id = :lot and e.parent_lot_id <> :lot
   and (cast(:link as bigint) is null or e.id = :link)
   and (cast(:q as text) is null or strpos(upper(l.lot_no), upper(:q)) > 0)
 order by e.at, coalesce(e.supersedes_id, e.id), e.id limit :n
""")


class LinkView(BaseModel):
    """One link into a batch as people see it; corrected ones carry who corrected them, when and why."""

    model_config = ConfigDict(frozen=True)

    id: int
    lot_no: str
    item: str
    kind: str
    quantity: Decimal | None
    uom: str
    seq: int | None = None
    work_order: str | None = None
    title_zh: str | None = None
    title_en: str | None = None
    at: datetime
    recorded_at: datetime
    recorded_by: str = ""
    source: str = "batchwright"
    supersedes_id: int | None = None
    correction: bool = False
    superseded_at: datetime | None = None
    corrected_by: str | None = None
    reason: str | None = None


def between(session: Session, child: Lot, parent: Lot) -> tuple[Link, ...]:
    """Every link from the parent into the child, corrected ones too."""
    rows = session.connection().execute(BETWEEN, {"child": child.id, "parent": parent.id})
    return tuple(Link(**row._mapping) for row in rows)  # noqa: SLF001 - SQLAlchemy's public name


def child(session: Session, lot: Lot) -> Child:
    """The batch as the rules see it."""
    row = session.connection().execute(CHILD, {"lot": lot.id}).one()
    return Child(lot.lot_no, LotStatus(lot.status), row.inspected_at, signed=row.signed, shipped=row.shipped)


def heirs(session: Session, lot_id: int) -> tuple[str, ...]:
    """The lot and all lots that its goods are in under another number."""
    return tuple(session.connection().execute(HEIRS, {"lot": lot_id}).scalars())


def below(session: Session, lot_id: int) -> frozenset[str]:
    """Everything that was made of the lot."""
    return frozenset(session.connection().execute(BELOW, {"lot": lot_id}).scalars())


def taken(session: Session, run_id: int, lot_id: int) -> tuple[Pick, ...]:
    """Where an operation took how much of a lot from, after all corrections."""
    rows = session.connection().execute(TAKEN, {"run": run_id, "lot": lot_id})
    return tuple(Pick(row.place, row.code, row.quantity) for row in rows)


def corrected_by(session: Session, child_id: int, wrong: str, link: int | None) -> Row[Any] | None:
    """Who corrected such a link last, and when."""
    given = {"child": child_id, "wrong": wrong, "link": None if link is None else str(link)}
    return session.connection().execute(CORRECTED_BY, given).first()


def into(
    session: Session, lot_id: int, limit: int, q: str | None = None, link: int | None = None
) -> Sequence[LinkView]:
    """Links into the lot (or one of them) in the order of what happened, each correction behind what it corrects."""
    rows = session.connection().execute(
        INTO, {"lot": lot_id, "n": limit, "q": searched(q, Asked.LOT) if q else q, "link": link}
    )
    return [LinkView(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name
