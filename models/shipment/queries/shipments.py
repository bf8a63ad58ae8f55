"""Shipments with their lines: what went to whom (REQUIREMENTS 12, 57)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.request import cursor, read_cursor
from models.register.rules import UNKNOWN

COLUMNS = """
select h.id as key, h.public_id as id, h.shipment_no, c.customer_no, said(c.name, c.name_en) as customer, h.order_no, h.carrier,
       h.tracking_no, h.status, h.shipped_at, h.arrived_at, h.origin,
       (select count(distinct n.lot_id) from shipment_line n where n.shipment_id = h.id) as lots
  from shipment h join customer c on c.id = h.customer_id
"""
PAGE = text(f"""{COLUMNS}
 where (cast(:after as bigint) is null or h.id < :after) and (cast(:status as text) is null or h.status = :status)
   and (cast(:customer as text) is null or c.customer_no = :customer)
 order by h.id desc limit :n
""")
ONE = text(f"{COLUMNS} where h.shipment_no = :number")
LINES = text("""
select l.lot_no, i.item_no, said(i.name, i.name_en) as item, n.quantity, n.returned, l.uom, u.serial_no
  from shipment_line n join lot l on l.id = n.lot_id join item i on i.id = l.item_id
  left join serial_unit u on u.id = n.serial_unit_id where n.shipment_id = :shipment order by n.id
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class ShipmentView:
    """A shipment in a list."""

    id: UUID
    shipment_no: str
    customer_no: str
    customer: str
    order_no: str | None
    carrier: str | None
    tracking_no: str | None
    status: str
    shipped_at: datetime | None
    arrived_at: datetime | None
    origin: str
    lots: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ShipmentPage:
    """One page of shipments."""

    items: tuple[ShipmentView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LineView:
    """How much of which lot."""

    lot_no: str
    item_no: str
    item: str
    quantity: Decimal
    returned: Decimal
    uom: str
    serial_no: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShipmentDetail:
    """A shipment with its lines."""

    shipment: ShipmentView
    lines: tuple[LineView, ...]


def page(
    session: Session,
    *,
    limit: int = 50,
    after: str | None = None,
    status: str | None = None,
    customer: str | None = None,
) -> ShipmentPage:
    """Shipments, newest first; one statement."""
    start = read_cursor(after, (int,))[0] if after else None
    values = {"after": start, "status": status, "customer": customer, "n": limit + 1}
    rows = session.connection().execute(PAGE, values).all()
    following = cursor([rows[limit - 1].key]) if len(rows) > limit else None
    return ShipmentPage(items=tuple(_shipment(row) for row in rows[:limit]), next=following)


def detail(session: Session, number: str) -> ShipmentDetail:
    """The shipment with that number."""
    row = session.connection().execute(ONE, {"number": number}).one_or_none()
    if row is None:
        raise UNKNOWN(number=number[:80])
    lines = session.connection().execute(LINES, {"shipment": row.key}).mappings()
    return ShipmentDetail(shipment=_shipment(row), lines=tuple(LineView(**line) for line in lines))


def _shipment(row: Any) -> ShipmentView:
    return ShipmentView(**{name: value for name, value in row._mapping.items() if name != "key"})  # noqa: SLF001 - SQLAlchemy's public name
