"""Returned goods of a recall in the record: what a customer has left, what came back, what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

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
LIST = text("""
select r.id as key, r.public_id as id, c.customer_no, said(c.name, c.name_en) as customer, l.lot_no, i.item_no, said(i.name, i.name_en) as item, l.uom,
       u.serial_no, h.shipment_no, r.quantity, p.code as location, r.received_at, r.reference, r.remark,
       said(w.name, w.name_en) as recorded_by, r.recorded_at
  from recall_return r join customer c on c.id = r.customer_id join lot l on l.id = r.lot_id
  join item i on i.id = l.item_id join shipment_line n on n.id = r.shipment_line_id
  join shipment h on h.id = n.shipment_id left join serial_unit u on u.id = n.serial_unit_id
  join location p on p.id = r.location_id join person w on w.id = r.recorded_by_id
 where r.recall_id = :recall order by r.id
""")
DISPOSED = text("""
select d.return_id, d.kind, d.quantity, d.reason, d.reference, said(w.name, w.name_en) as decided_by, d.decided_at
  from recall_disposition d join recall_return r on r.id = d.return_id join person w on w.id = d.decided_by_id
 where r.recall_id = :recall order by d.id
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Disposed:
    """What became of a part of a return."""

    kind: str
    quantity: Decimal
    reason: str
    reference: str | None
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnRow:
    """Goods that came back."""

    id: UUID
    customer_no: str
    customer: str
    lot_no: str
    item_no: str
    item: str
    uom: str
    serial_no: str | None
    shipment_no: str
    quantity: Decimal
    location: str
    received_at: datetime
    reference: str | None
    remark: str | None
    recorded_by: str
    recorded_at: datetime
    disposed: tuple[Disposed, ...]

    @property
    def left(self) -> Decimal:
        """What nobody has decided about yet."""
        return rules.left(self.quantity, (one.quantity for one in self.disposed))


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
    return rules.left(row.quantity, (one.quantity for one in done))


def keep(session: Session, *rows: Any) -> None:
    """Write returns or dispositions down."""
    session.add_all(rows)
    session.flush()


def view(session: Session, recall_id: int) -> Sequence[ReturnRow]:
    """Every return of a recall with what became of it, in two statements."""
    disposed: dict[int, list[Disposed]] = {}
    for row in session.connection().execute(DISPOSED, {"recall": recall_id}).mappings():
        made = Disposed(**{name: value for name, value in row.items() if name != "return_id"})
        disposed.setdefault(row["return_id"], []).append(made)
    return [
        ReturnRow(
            **{name: value for name, value in row.items() if name != "key"},
            disposed=tuple(disposed.get(row["key"], ())),
        )
        for row in session.connection().execute(LIST, {"recall": recall_id}).mappings()
    ]
