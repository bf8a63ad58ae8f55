"""Goods leave for a customer, loose or in cases and on pallets (REQUIREMENTS 54, 56, 57).

Released, not held, not expired, and never more than is there.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, select

from models.identifier.rules.scanned_field import refuse_whole
from models.kernel.refusal import Kind
from models.lot.rules import lot as rules
from models.lot.store import lots
from models.lot.tables import Lot
from models.packing.store import packing
from models.partner.tables import Customer
from models.process.fact.tell import tell
from models.process.messages.process import Receipt
from models.register.store import keyset
from models.shipment.acts import units as shipping_units
from models.shipment.messages import Ship, ShipLine
from models.shipment.tables import Shipment, ShipmentLine
from models.stock import rules as serial_rules
from models.stock.store import places, proposed, serials, stock
from models.stock.tables import SerialUnit

UNKNOWN_CUSTOMER = Kind(
    "SHP-001", "DESIGN 2.5", "找不到客户「{customer}」。", "There is no customer “{customer}”.", 404
)
EMPTY = Kind("SHP-002", "DESIGN 5", "发货单至少要有一行。", "A shipment needs at least one line.", 422)
TWICE = Kind("SHP-003", "DESIGN 5", "发货单号 {shipment} 已经存在。", "There is a shipment {shipment} already.")
UNKNOWN_SERIAL = Kind(
    "SHP-004", "DESIGN 2.5", "批次 {lot} 没有序列号「{serial}」。", "Batch {lot} has no serial number “{serial}”.", 404
)


def ship(session: Session, command: Ship, now: datetime) -> Receipt:
    """Book the shipment out, whole or not at all."""
    rules.check_number(command.shipment_no)
    for others in (command.order_no, command.tracking_no):
        if others:
            refuse_whole(others)
    if not command.lines and not command.units:
        raise EMPTY()
    customer = session.exec(select(Customer).where(Customer.customer_no == command.customer_no)).first()
    if customer is None:
        raise UNKNOWN_CUSTOMER(customer=command.customer_no[:80])
    if (known := keyset.meant(session, Shipment.shipment_no, command.shipment_no)) is not None:
        raise TWICE(shipment=known)
    locked, loads = shipping_units.lock(session, command.units, [line.lot_no for line in command.lines])
    zone = lots.site_zone(session)
    row = Shipment(
        shipment_no=command.shipment_no,
        customer_id=customer.id,
        order_no=command.order_no,
        carrier=command.carrier,
        tracking_no=command.tracking_no,
        status="shipped",
        shipped_at=now,
    )
    session.add(row)
    session.flush()
    shipped: dict[str, Decimal] = defaultdict(Decimal)
    for lot_no, quantity in shipping_units.leave(session, row, loads, locked, now).items():
        shipped[lot_no] += quantity
    for line in command.lines:
        lot = locked[line.lot_no]
        facts = lots.facts(session, lot)
        rules.check_use(facts, rules.Use.SHIP, now, zone)
        quantity = lots.in_own_unit(session, lot, line.quantity, line.uom)
        proposed.check_left(session, lot, quantity, (*line.serials, line.serial_no))
        there: Sequence[stock.Lying] | None = stock.lying(session, lot.id)
        for serial, part in _pieces(session, lot, line, quantity, there):
            picks = rules.allocate(facts, part, places.usable(session, lot, part, there), line.location)
            there = None  # something of it leaves now
            booked = ShipmentLine(shipment_id=row.id, lot_id=lot.id, quantity=part, serial_unit_id=serial)
            session.add(booked)
            session.flush()
            stock.take(session, lot, "ship", picks, shipment_line_id=booked.id)
        shipped[lot.lot_no] += quantity
    for lot_no, quantity in shipped.items():
        lot = locked[lot_no]
        data = {"shipment": row.shipment_no, "customer": customer.name, "quantity": str(quantity)}
        lots.note(session, lot.id, "lot.shipped", command.by.person_id, data)
        if (
            lots.total(session, lot.id) == 0
            and tell(session, lot, "lot.depleted", command.by, now, news=False, held=True).moved
        ):
            lots.publish(session, lot.id, "lot.depleted", {"lot": lot_no})
    data = {"shipment_no": row.shipment_no, "customer": customer.customer_no}
    units = {"units": [load.number for load in loads]} if loads else {}
    lines = {lot: str(many) for lot, many in shipped.items()}
    return Receipt(act="ship", at=now, data={**data, "lines": lines, **units})


def _pieces(
    session: Session, lot: Lot, line: ShipLine, quantity: Decimal, there: Sequence[stock.Lying] | None
) -> list[tuple[int | None, Decimal]]:
    """The lines that a line becomes: one for each serial number, else one for all of it."""
    named = list(line.serials)
    if line.serial_no and line.serial_no not in named:  # both were told: none of them is dropped in silence
        named.append(line.serial_no)
    units = [_serial(session, lot, one) for one in named]
    known = serials.numbered(session, lot, there)
    if len(named) == 1:
        serial_rules.check_one(known, named[0], quantity)
    serial_rules.check_leaving(known, quantity, named)
    return [(one.id, quantity / len(units)) for one in units] or [(None, quantity)]


def _serial(session: Session, lot: Lot, serial_no: str) -> SerialUnit:
    unit = serials.find(session, lot.id, serial_no)
    if unit is None:
        raise UNKNOWN_SERIAL(lot=lot.lot_no, serial=serial_no[:80])
    packing.refuse_packed_serials(session, lot.id, [serial_no])
    return unit


ACTS = {"ship": ship}
