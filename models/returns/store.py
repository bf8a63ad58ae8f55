"""Returned goods of a recall in the record: what a customer has left, what came back, what became of it."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.recall.rules import reconcile as recall_reconcile
from models.recall.tables.follow_up import RecallDisposition, RecallReturn
from models.returns import rules
from models.returns.rules import Delivered

IN_SCOPE = text("""
select exists (select from recall_lot l join recall_scope s on s.id = l.scope_id
                where s.recall_id = :recall and l.lot_id = :lot and s.signed_at is not null)
""")
DELIVERED = text("""
select n.id, n.quantity - n.returned - coalesce((
         select sum(r.quantity) from recall_return r
          where r.shipment_line_id = n.id and r.recall_id = :recall and not r.moved), 0) as left, u.serial_no
  from shipment_line n join shipment h on h.id = n.shipment_id and h.status in ('shipped', 'arrived')
  left join serial_unit u on u.id = n.serial_unit_id
 where n.lot_id = :lot and h.customer_id = :customer order by h.shipped_at, n.id for update of n
""")


def in_scope(session: Session, recall_id: int, lot_id: int) -> bool:
    """Whether a signed version of the scope has the lot."""
    return bool(session.connection().execute(IN_SCOPE, {"recall": recall_id, "lot": lot_id}).scalar_one())


def delivered(session: Session, recall_id: int, customer_id: int, lot_id: int) -> list[Delivered]:
    """What the customer got of the lot and still has, the oldest line first; locked against another return."""
    given = {"recall": recall_id, "customer": customer_id, "lot": lot_id}
    rows = session.connection().execute(DELIVERED, given).all()
    return [Delivered(row.id, row.left, row.serial_no) for row in rows]


def find(session: Session, public_id: UUID) -> RecallReturn:
    """One return; RCR-008."""
    row = session.exec(select(RecallReturn).where(RecallReturn.public_id == public_id)).first()
    if row is None:
        raise rules.UNKNOWN()
    return row


def left_of(session: Session, row: RecallReturn) -> Decimal:
    """What nobody has decided about yet."""
    done = session.exec(select(RecallDisposition).where(col(RecallDisposition.return_id) == row.id)).all()
    return recall_reconcile.left(row.quantity, (one.quantity for one in done))


def keep(session: Session, *rows: Any) -> None:
    """Write returns or dispositions down."""
    session.add_all(rows)
    session.flush()
