"""What a recall's reconciliation is computed from: shipments, returns, dispositions, answers; in three statements."""

from decimal import Decimal

from sqlalchemy import text
from sqlmodel import Session

from models.rules.recall_reconcile import Answered, Reconciliation, Shipped, reconcile

SHIPPED = text("""
select c.customer_no, c.name as customer, l.lot_no, i.item_no, l.uom, g.shipped, g.returned - coalesce(b.moved, 0) as before,
       coalesce(b.returned, 0) as returned
  from (select h.customer_id, n.lot_id, sum(n.quantity) as shipped, sum(n.returned) as returned
          from recall_lot r join shipment_line n on n.lot_id = r.lot_id
          join shipment h on h.id = n.shipment_id and h.status in ('shipped', 'arrived')
         where r.scope_id = :scope group by h.customer_id, n.lot_id) g
  left join (select customer_id, lot_id, sum(quantity) as returned, sum(quantity) filter (where moved) as moved
               from recall_return where recall_id = :recall group by customer_id, lot_id) b using (customer_id, lot_id)
  join customer c on c.id = g.customer_id join lot l on l.id = g.lot_id join item i on i.id = l.item_id
 order by c.customer_no, l.lot_no
""")
DISPOSED = text("""
select c.customer_no, l.lot_no, d.kind, sum(d.quantity) as quantity
  from recall_disposition d join recall_return r on r.id = d.return_id
  join customer c on c.id = r.customer_id join lot l on l.id = r.lot_id
 where r.recall_id = :recall group by c.customer_no, l.lot_no, d.kind
""")
ANSWERED = text("""
select c.customer_no, c.name as customer,
       array(select x ->> 'lot_no' from jsonb_array_elements(n.lines) x) as lots,
       n.shipped, n.received, n.on_hand, n.used, n.will_return
  from recall_notice n join customer c on c.id = n.customer_id where n.recall_id = :recall order by n.id
""")


def of(session: Session, recall_id: int, scope_id: int) -> Reconciliation:
    """The reconciliation as it stands, over the lots of a version of the scope."""
    connection = session.connection()
    disposed: dict[tuple[str, str], dict[str, Decimal]] = {}
    for row in connection.execute(DISPOSED, {"recall": recall_id}).all():
        disposed.setdefault((row.customer_no, row.lot_no), {})[row.kind] = row.quantity
    shipped = [
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
        )
        for row in connection.execute(SHIPPED, {"scope": scope_id, "recall": recall_id}).all()
    ]
    answers = [
        Answered(
            row.customer_no,
            row.customer,
            tuple(row.lots),
            row.shipped,
            row.received,
            row.on_hand,
            row.used,
            row.will_return,
        )
        for row in connection.execute(ANSWERED, {"recall": recall_id}).all()
    ]
    return reconcile(shipped, answers)
