"""The facts that a recall's funnel and its reconciliation are computed from, read in five statements whatever the scope.

One reader for both, so that no page, report or file counts anything a second time.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from sqlalchemy import text
from sqlmodel import Session

from models.recall.rules import depth as recall_depth
from models.recall.rules import funnel as rules
from models.recall.rules.depth import LeftOut, Pair
from models.recall.rules.funnel import ZERO, Answered, Funnel, Lot, Shipped
from models.recall.rules.reconcile import Reconciliation, reconcile
from models.recall.tables.recall import Recall, RecallScope

# Sums are asked for each lot and line by its own index: whatever the planner believes about a scope that was written a moment
# ago, that takes time in proportion.  Grouped for all lots at once, 3,000 of them took 26 s until the tables were analyzed.
LOTS = text("""
select l.lot_no, i.item_no, l.uom,
       coalesce(m.made, 0) as made, coalesce(m.passed_on, 0) as passed_on, coalesce(s.stock, 0) as stock,
       coalesce(m.scrapped, 0) as scrapped, coalesce(m.lost, 0) as lost,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held,
       l.status in ('rejected', 'closed') or exists (select from recall_lot_decision d
         where d.recall_id = :recall and d.lot_id = l.id) as decided
  from recall_lot r join lot l on l.id = r.lot_id join item i on i.id = l.item_id
  left join lateral (select sum(k.quantity) as stock from stock k where k.lot_id = l.id) s on true
  left join lateral (
       select sum(v.quantity) filter (where v.kind in ('receive', 'produce', 'reshape-in')
                                         or (v.kind = 'adjust' and v.from_location_id is null)) as made,
              sum(v.quantity) filter (where v.kind in ('consume', 'reshape-out')) as passed_on,
              sum(v.quantity) filter (where v.kind = 'scrap') as scrapped,
              sum(v.quantity) filter (where v.kind = 'sample'
                                         or (v.kind = 'adjust' and v.to_location_id is null)) as lost
         from stock_movement v where v.lot_id = l.id) m on true
 where r.scope_id = :scope order by l.lot_no
""")
SHIPPED = text("""
with line as (
  select n.id, h.customer_id, n.lot_id, n.quantity, n.returned, h.arrived_at is null and h.status = 'shipped' as moving,
         coalesce(b.returned, 0) as came, coalesce(b.moved, 0) as moved
    from recall_lot r join shipment_line n on n.lot_id = r.lot_id
    join shipment h on h.id = n.shipment_id and h.status in ('shipped', 'arrived')
    left join lateral (select sum(quantity) as returned, sum(quantity) filter (where moved) as moved
                         from recall_return where recall_id = :recall and shipment_line_id = n.id) b on true
   where r.scope_id = :scope)
select c.customer_no, said(c.name, c.name_en) as customer, c.level, l.lot_no, i.item_no, l.uom, g.*
  from (select customer_id, lot_id, sum(quantity) as shipped, sum(returned - moved) as before, sum(came) as returned,
               sum(quantity - returned - (came - moved)) filter (where moving) as transit
          from line group by customer_id, lot_id) g
  join customer c on c.id = g.customer_id join lot l on l.id = g.lot_id join item i on i.id = l.item_id
 order by c.customer_no, l.lot_no
""")
DISPOSED = text("""
select c.customer_no, l.lot_no, d.kind, sum(d.quantity) as quantity
  from recall_disposition d join recall_return r on r.id = d.return_id
  join customer c on c.id = r.customer_id join lot l on l.id = r.lot_id
 where r.recall_id = :recall group by c.customer_no, l.lot_no, d.kind
""")
NOTICES = text("""
select c.customer_no, coalesce(n.receiver, said(c.name, c.name_en)) as customer, n.lines, n.shipped, n.sent_at, n.received, n.on_hand, n.used,
       n.will_return, coalesce(n.passed_on, 0) as passed_on, n.public_id::text as key, p.public_id::text as parent
  from recall_notice n join customer c on c.id = n.customer_id left join recall_notice p on p.id = n.parent_id where n.recall_id = :recall order by n.id
""")


@dataclass(frozen=True)
class Ledger:
    """What the record says of a recall's scope, and what follows from it."""

    lots: tuple[Lot, ...]
    shipped: tuple[Shipped, ...]
    notices: tuple[Answered, ...]
    depth: str | None = None

    @cached_property
    def beyond(self) -> frozenset[Pair]:
        """What the depth of the recall leaves untold, by customer and batch."""
        told = {(one.customer_no, lot_no) for one in self.notices for lot_no in one.lots}
        return recall_depth.beyond(self.shipped, told, self.depth)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Who is not told because of the depth, each with the reason."""
        return recall_depth.left_out(self.shipped, self.beyond, self.depth)

    @cached_property
    def funnel(self) -> Funnel:
        """Where every unit is; computed once, however many parts of a page ask."""
        return rules.funnel(self.lots, self.shipped, self.notices, self.beyond)

    @cached_property
    def reconciliation(self) -> Reconciliation:
        """Answers against books, of the funnel's own rows."""
        rows = [row for row in self.funnel.rows if row.customer_no]
        return reconcile(self.shipped, self.notices, rows)


def read(session: Session, recall: Recall, scope: RecallScope) -> Ledger:
    """The facts as they stand, over the lots of a version of the scope."""
    given = {"recall": recall.id, "scope": scope.id}
    connection = session.connection()
    lots = tuple(
        Lot(**{**row, "held": row["held"] or _would_be_held(recall)})
        for row in connection.execute(LOTS, given).mappings()
    )
    return Ledger(lots, shipped(session, recall, scope), _notices(session, recall), recall.depth)


def of(session: Session, recall: Recall, scope: RecallScope) -> Funnel:
    """The funnel."""
    return read(session, recall, scope).funnel


def reconciliation(session: Session, recall: Recall, scope: RecallScope) -> Reconciliation:
    """The reconciliation; it needs no lots."""
    return reconcile(shipped(session, recall, scope), _notices(session, recall))


def _would_be_held(recall: Recall) -> bool:
    """A drill holds nothing; it counts as held what it would have held."""
    return recall.mode == "drill" and recall.held_at is not None


def shipped(session: Session, recall: Recall, scope: RecallScope) -> tuple[Shipped, ...]:
    """What left us of the scope, by customer and batch, with what came back of it."""
    given = {"recall": recall.id, "scope": scope.id}
    connection = session.connection()
    disposed: dict[tuple[str, str], dict[str, Decimal]] = {}
    for row in connection.execute(DISPOSED, {"recall": recall.id}).all():
        disposed.setdefault((row.customer_no, row.lot_no), {})[row.kind] = row.quantity
    return tuple(
        Shipped(
            row.customer_no,
            row.customer,
            row.lot_no,
            row.item_no,
            row.uom,
            row.shipped,
            row.before,
            row.returned,
            disposed.get((row.customer_no, row.lot_no), {}),
            row.transit or ZERO,
            booked=recall.mode != "drill",
            level=row.level,
        )
        for row in connection.execute(SHIPPED, given).all()
    )


def _notices(session: Session, recall: Recall) -> tuple[Answered, ...]:
    return tuple(
        Answered(
            row.customer_no,
            row.customer,
            tuple(line["lot_no"] for line in row.lines),
            row.shipped,
            row.received,
            row.on_hand,
            row.used,
            row.will_return,
            went_out=row.sent_at is not None,
            quantities=tuple(Decimal(line["quantity"]) for line in row.lines),
            key=row.key,
            parent=row.parent or "",
            passed_on=row.passed_on,
        )
        for row in session.connection().execute(NOTICES, {"recall": recall.id}).all()
    )
