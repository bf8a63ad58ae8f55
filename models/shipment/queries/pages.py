"""Shipments for their pages: the list, one with its lines, and what may ship (REQUIREMENTS 54, 57)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.kernel.refusal import Kind
from models.kernel.request import cursor, read_cursor

UNKNOWN = Kind("SHP-005", "DESIGN 2.5", "找不到发货单「{shipment}」。", "There is no shipment “{shipment}”.", 404)

PAGE = text("""
select h.id, h.shipment_no, h.status, h.shipped_at, h.order_no, said(c.name, c.name_en) as customer, c.customer_no,
       (select count(distinct s.lot_id) from shipment_line s where s.shipment_id = h.id) as lots
  from (select * from shipment x where (cast(:after as bigint) is null or x.id < :after)
           and (cast(:customer as text) is null
                or x.customer_id = (select k.id from customer k where k.customer_no = :customer))
         order by x.id desc limit :n) h
  join customer c on c.id = h.customer_id order by h.id desc
""")
ONE = text("""
select h.id, h.shipment_no, h.status, h.order_no, h.carrier, h.tracking_no, h.shipped_at, h.arrived_at,
       c.customer_no, said(c.name, c.name_en) as customer, c.contact, c.phone, c.email, c.address,
       coalesce((select said(w.name, w.name_en) from person w where w.public_id::text = a.actor_id), a.actor_name) as who
  from shipment h join customer c on c.id = h.customer_id
  left join lateral (select e.actor_name, e.actor_id from audit_event e where e.table_name = 'shipment' and e.row_id = h.id
                      order by e.id limit 1) a on true
 where h.shipment_no = :number
""")
LINES = text("""
select l.lot_no, l.status, l.uom, l.expires_on, l.expiry_precision, said(i.name, i.name_en) as item, sum(s.quantity) as quantity,
       sum(s.returned) as returned, count(s.serial_unit_id) as serials,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held
  from shipment_line s join lot l on l.id = s.lot_id join item i on i.id = l.item_id
 where s.shipment_id = :id group by l.id, i.name, i.name_en order by l.lot_no
""")
SHIPPABLE = text("""
select l.lot_no, l.status, said(i.name, i.name_en) as item, l.uom, said(p.name, p.name_en) as location,
       k.quantity - packed_at_place(k.lot_id, k.location_id) - held_at_place(k.lot_id, k.location_id) as quantity, l.expires_on, l.expiry_precision
  from stock k join lot l on l.id = k.lot_id join item i on i.id = l.item_id join location p on p.id = k.location_id
 where k.quantity > packed_at_place(k.lot_id, k.location_id) + held_at_place(k.lot_id, k.location_id) and l.status = 'released' and l.kind in ('finished', 'packaged')
   and not exists (select from hold h where h.lot_id = l.id and h.lifted_at is null)
   and not lot_expired(l, coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai'))
 order by lot_end(l) nulls last, l.id, p.code limit :n
""")


@dataclass(frozen=True)
class ShipmentList:
    """One page of shipments."""

    rows: tuple[Row[Any], ...]
    next: str | None


def page(session: Session, *, limit: int = 50, after: str | None = None, customer: str = "") -> ShipmentList:
    """Shipments, newest first; one statement."""
    start = read_cursor(after, (int,))[0] if after else None
    given = {"after": start, "customer": customer or None, "n": limit + 1}
    rows = session.connection().execute(PAGE, given).all()
    following = cursor([rows[limit - 1].id]) if len(rows) > limit else None
    return ShipmentList(rows=tuple(rows[:limit]), next=following)


def read(session: Session, number: str) -> tuple[Row[Any], tuple[Row[Any], ...]]:
    """One shipment and its lines: two statements; SHP-005 when there is none."""
    found = session.connection().execute(ONE, {"number": number}).one_or_none()
    if found is None:
        raise UNKNOWN(shipment=number[:80])
    return found, tuple(session.connection().execute(LINES, {"id": found.id}).all())


def shippable(session: Session, limit: int = 100) -> tuple[Row[Any], ...]:
    """Released finished goods that lie loose in stock, first expired first (FEFO); what is packed leaves with its unit."""
    return tuple(session.connection().execute(SHIPPABLE, {"n": limit}).all())
