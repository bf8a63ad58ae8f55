"""Reads the genealogy graph: one statement per direction, and a fixed number for all that hangs on its lots.

The closure is a function of the database over lot keys alone (`genealogy.sql`): a loop ends where it meets itself, and
there is no limit of depth or rows.
A link that a later one supersedes is not followed; as of a moment, only what had been recorded by then counts, and not
what happened by then: a fact that is told late changes no earlier answer.  Serves
requirements 11-13, 21, 22.
"""

# ruff: noqa: S608 - statements are put together from our own column names; every value is a parameter

import gc
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlmodel import Session

from models.genealogy.store.alive import ALIVE, ALIVE_THEN
from models.kernel.store import act
from models.kernel.store.days import DEFAULT_ZONE, EXPIRES, MADE
from models.kernel.store.db import plans_kept
from models.lot.store import lots
from models.resolve.rules import Hit
from models.resolve.store import resolve
from models.resolve.store.resolve import LIVE_THEN
from models.trace.rules import answer as trace_answer
from models.trace.rules.as_of import moment
from models.trace.rules.evidence import FoundIssue, FoundWork
from models.trace.rules.findings import linked_by
from models.trace.rules.trace import Answer, Direction, Found, FoundEdge, FoundLine, FoundLot, FoundStock, Linked
from models.trace.store.evidence import ISSUES, ISSUES_THEN, WORK, WORK_THEN

FEW = 1000
"""Lots up to which a plan that fits any number of them is kept: for a hub, one that is made for it is faster."""
_IDS = "any(cast(:keys as bigint[]))"


def _links(reached: str, here: str, alive: str, as_of: str = "") -> TextClause:
    """All links among the lots that `reached` (a function of the database, genealogy.sql) finds from the start."""
    return text(f"""
with closure as materialized (select {reached}(cast(:keys as bigint[]){as_of}) as lots)
select e.id, e.parent_lot_id, e.child_lot_id, e.kind, e.quantity, e.uom, e.at, o.code, w.work_order_no, e.source
  from closure c join genealogy_edge e on e.{here} = any(c.lots)
  left join operation_run o on o.id = e.operation_run_id left join work_order w on w.id = o.work_order_id
 where {alive}
""")


UP, UP_THEN = _links("lots_above", "child_lot_id", ALIVE), _links("lots_above", "child_lot_id", ALIVE_THEN, ", :as_of")
DOWN, DOWN_THEN = (
    _links("lots_below", "parent_lot_id", ALIVE),
    _links("lots_below", "parent_lot_id", ALIVE_THEN, ", :as_of"),
)

BY_KEY = text(
    "select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),"
    " (select s.zone from site s order by s.id limit 1) as zone"
)
"""Everything is read by index, whether one lot or a hundred thousand: planning anew cost an ordinary answer half its time.
And never a whole table: a plan that fits every answer holds each of its rows against the list of keys, one by one.
The plant's zone comes along, so that it costs no statement of its own."""
AS_IT_COMES = text("set local enable_seqscan = on")

_LOTS = f"""
select l.id, l.lot_no, i.item_no, i.name, l.kind, {{status}}, {{held}}, l.quantity, l.uom, s.name,
       l.supplier_lot_no, {MADE}, {EXPIRES}, l.origin, i.name_en, s.name_en
  from lot l join item i on i.id = l.item_id left join supplier s on s.id = l.supplier_id where l.id = {_IDS}
"""
LOTS = text(
    _LOTS.format(status="l.status", held="exists (select from hold h where h.lot_id = l.id and h.lifted_at is null)")
)
LOTS_THEN = text(
    _LOTS.format(
        status="(select a.after ->> 'status' from audit_event a where a.table_name = 'lot' and a.row_id = l.id"
        " and a.at <= :as_of order by a.id desc limit 1)",
        held="exists (select from hold h where h.lot_id = l.id and h.placed_at <= :as_of"
        " and (h.lifted_at is null or h.lifted_at > :as_of))",
    )
)

_LINES = f"""
select s.lot_id, c.customer_no, c.name, c.name_en, c.contact, c.email, c.phone, h.shipment_no, h.order_no, h.tracking_no,
       {{status}}, h.shipped_at, {{arrived}}, s.quantity, {{returned}}, u.serial_no
  from shipment_line s join shipment h on h.id = s.shipment_id join customer c on c.id = h.customer_id
  left join serial_unit u on u.id = s.serial_unit_id where s.lot_id = {_IDS} {{when}}
"""
LINES = text(_LINES.format(status="h.status", arrived="h.arrived_at", returned="s.returned", when=""))
LINES_THEN = text(
    _LINES.format(
        status="case when h.status = 'arrived' and h.arrived_at > :as_of then 'shipped' else h.status end",
        arrived="case when h.arrived_at <= :as_of then h.arrived_at end",
        returned="coalesce((select sum(m.quantity) from stock_movement m"
        " where m.shipment_line_id = s.id and m.kind = 'return' and m.recorded_at <= :as_of), 0)",
        when="and h.shipped_at <= :as_of and s.recorded_at <= :as_of",
    )
)

STOCK = text(f"""
select k.lot_id, p.code, p.name, k.quantity,
       (select string_agg(distinct unit_path(u.id), ', ') from packed_content c join logistic_unit u on u.id = c.unit_id
         where c.lot_id = k.lot_id and u.location_id = k.location_id
           and c.unpacked_at is null and c.shipment_line_id is null), p.name_en
  from stock k join location p on p.id = k.location_id
 where k.lot_id = {_IDS} and k.quantity > 0
""")
STOCK_THEN = text(f"""
select x.lot_id, p.code, p.name, sum(x.quantity),
       (select string_agg(distinct u.unit_no, ', ') from packed_content c join logistic_unit u on u.id = c.unit_id
          left join shipment_line s on s.id = c.shipment_line_id
         where c.lot_id = x.lot_id and {LIVE_THEN} and (s.id is null or s.recorded_at > :as_of)
           and p.id = (select (a.after ->> 'location_id')::bigint from audit_event a where a.table_name = 'logistic_unit'
                          and a.row_id = u.id and a.at <= :as_of order by a.id desc limit 1)), p.name_en from (
  select m.lot_id, m.to_location_id as location_id, m.quantity from stock_movement m
   where m.lot_id = {_IDS} and m.recorded_at <= :as_of and m.to_location_id is not null
  union all
  select m.lot_id, m.from_location_id, - m.quantity from stock_movement m
   where m.lot_id = {_IDS} and m.recorded_at <= :as_of and m.from_location_id is not null
) x join location p on p.id = x.location_id group by x.lot_id, p.id, p.code, p.name, p.name_en having sum(x.quantity) <> 0
""")

_MOVED = f"""
select m.lot_id, case when m.kind <> 'adjust' then m.kind when m.operation_run_id is not null then 'consume'
                      when m.to_location_id is null then 'adjust out'
                      when m.from_location_id is null then 'adjust in' else 'move' end as kind,
       sum(case when m.kind = 'adjust' and m.operation_run_id is not null and m.to_location_id is not null
                then - m.quantity else m.quantity end)
  from stock_movement m where m.lot_id = {_IDS} {{when}} group by 1, 2
"""
MOVED, MOVED_THEN = text(_MOVED.format(when="")), text(_MOVED.format(when="and m.recorded_at <= :as_of"))
"""An adjustment that names an operation is a corrected consumption: more of it, or less."""

_LINKED = f"""
select e.parent_lot_id, coalesce(sum(e.quantity) filter (where e.uom = l.uom), 0),
       count(*) filter (where e.quantity is null or e.uom <> l.uom)
  from genealogy_edge e join lot l on l.id = e.parent_lot_id
 where e.parent_lot_id = {_IDS} and e.kind <> 'processed-in-load' and e.child_lot_id <> e.parent_lot_id and {{alive}}
 group by 1
"""
LINKED, LINKED_THEN = text(_LINKED.format(alive=ALIVE)), text(_LINKED.format(alive=ALIVE_THEN))


REACH = text("""
select case when :up then cardinality(lots_above(cast(:keys as bigint[]))) else 0 end
     + case when :down then cardinality(lots_below(cast(:keys as bigint[]))) else 0 end
""")
FIRST = text(f"""
select l.lot_no, i.name as item, l.status, {EXPIRES} as expires_on, l.expiry_precision,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held
  from lot l join item i on i.id = l.item_id where l.id = {_IDS} order by l.lot_no limit :most
""")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants traced: the meaning of a number and its lots, as of now or of a moment."""

    identifier: str
    hits: tuple[Hit, ...]
    lots: frozenset[int]
    beside: tuple[Hit, ...]
    direction: Direction
    as_of: datetime | None


def asked(session: Session, identifier: str, direction: Direction, as_of: str | None = None) -> Asked:
    """Resolve whatever was typed or scanned; refuses when it means nothing or several things."""
    at = moment(as_of, lots.site_zone(session), act.now(session)) if as_of and as_of.strip() else None
    resolution, hits, ids = resolve.lots(session, identifier, at)
    beside = resolve.undecided(session, resolution, hits, ids, at)
    return Asked(resolution.text, hits, ids, tuple(beside), direction, at)


def reach(session: Session, question: Asked) -> int:
    """About how many lots the answer will name: those above and those below, by today's links, in one statement."""
    ways = {"up": question.direction.backward, "down": question.direction.forward}
    return int(session.connection().execute(REACH, {**ways, "keys": _keys(question.lots)}).scalar_one())


def first(session: Session, question: Asked, most: int) -> Sequence[Row[Any]]:
    """The first of the lots that were asked for, by number, as they are now."""
    return session.connection().execute(FIRST, {"keys": _keys(question.lots), "most": most}).all()


def answer(session: Session, question: Asked) -> Answer:
    """The whole answer."""
    return trace(
        session,
        question.lots,
        question.direction,
        question.as_of,
        identifier=question.identifier,
        resolved=question.hits,
        beside=question.beside,
    )


def trace_identifier(session: Session, identifier: str, direction: Direction, as_of: str | None = None) -> Answer:
    """Resolve whatever was typed or scanned and trace it; refuses when it means nothing or several things."""
    return answer(session, asked(session, identifier, direction, as_of))


def _keys(lot_ids: Collection[int]) -> str:
    # as one text: the driver would look at each of ten thousand keys
    return "{" + ",".join(map(str, lot_ids)) + "}"


def trace(
    session: Session,
    lot_ids: Collection[int],
    direction: Direction,
    as_of: datetime | None = None,
    *,
    identifier: str = "",
    resolved: Collection[Hit] = (),
    beside: Collection[Hit] = (),
) -> Answer:
    """The answer for lots by key: at most eleven statements, however large it is."""
    with _no_collector():
        found = collect(session, lot_ids, direction, as_of)
        session.connection().execute(AS_IT_COMES)
        return trace_answer.answer(identifier, resolved, direction, as_of, found, beside)


@contextmanager
def _no_collector() -> Iterator[None]:
    """A hundred thousand rows without a cycle among them: looking for cycles took half of the time of a large answer."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def collect(session: Session, lot_ids: Collection[int], direction: Direction, as_of: datetime | None = None) -> Found:
    """Everything the record has on the lots, their relatives and what hangs on them."""
    then: dict[str, Any] = {} if as_of is None else {"as_of": as_of}

    def ask(now: TextClause, before: TextClause, *, lots: Collection[int]) -> Any:
        # most traces are about a few lots, and take three times as long to plan as to answer
        with plans_kept(session) if len(lots) <= FEW else nullcontext():
            return session.connection().execute(now if as_of is None else before, {**then, "keys": _keys(lots)}).all()

    zone = session.connection().execute(BY_KEY).one().zone
    start = sorted(lot_ids)
    up = tuple(map(FoundEdge._make, ask(UP, UP_THEN, lots=start))) if direction.backward else ()
    down = tuple(map(FoundEdge._make, ask(DOWN, DOWN_THEN, lots=start))) if direction.forward else ()
    ids = sorted({*start, *(edge.parent for edge in up), *(edge.child for edge in down)})
    moved: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for lot_id, kind, quantity in ask(MOVED, MOVED_THEN, lots=ids):
        moved[lot_id][kind] = quantity
    found = tuple(map(FoundLot._make, ask(LOTS, LOTS_THEN, lots=ids)))
    # forward every link out of a lot is in the answer already; backward most lead elsewhere
    below = {*start, *(edge.child for edge in down)} if direction.forward else set()
    linked = linked_by(found, down, below)
    if direction.backward:
        beside = [lot for lot in ids if lot not in below]
        linked |= {row[0]: Linked(row[1], row[2]) for row in ask(LINKED, LINKED_THEN, lots=beside)}
    return Found(
        start=frozenset(start),
        up=up,
        down=down,
        lots=found,
        lines=tuple(map(FoundLine._make, ask(LINES, LINES_THEN, lots=ids))),
        stock=tuple(map(FoundStock._make, ask(STOCK, STOCK_THEN, lots=ids))),
        moved=moved,
        linked=linked,
        work=tuple(map(FoundWork._make, ask(WORK, WORK_THEN, lots=ids))),
        issues=tuple(map(FoundIssue._make, ask(ISSUES, ISSUES_THEN, lots=ids))),
        zone=str(zone or DEFAULT_ZONE),
    )
