"""What came back to us of a recall, and what became of it, as the cockpit and the reports show it (REQUIREMENTS 75)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.recall.rules import reconcile as recall_reconcile

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
        return recall_reconcile.left(self.quantity, (one.quantity for one in self.disposed))


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
