"""Recalled goods come back and are decided about; a drill does the same and moves no stock (REQUIREMENTS 75)."""

from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, select

from models.messages.process import BookReturn, DisposeReturn, Receipt, ReturnedLine
from models.rules import lot as lot_rules
from models.rules import places as place_rules
from models.rules import recall_returns as rules
from models.rules import serials as serial_rules
from models.rules.under_hold import Act
from models.store import holds, lots, outward, places, recall_returns, recalls, serials, stock
from models.store.acts.shipping import UNKNOWN_CUSTOMER
from models.tables.equipment import Location
from models.tables.lots import Lot, SerialUnit
from models.tables.partners import Customer
from models.tables.recall_follow import RecallDisposition, RecallReturn
from models.tables.recalls import Recall
from models.tables.shipments import ShipmentLine


def book(session: Session, command: BookReturn, now: datetime) -> Receipt:
    """Goods of one customer come back, whole or not at all; also after the recall was closed."""
    if not command.lines:
        raise rules.NO_LINE()
    # the recall before its lots, as the decision to hold them locks them
    recall = recalls.get(session, command.recall_no, lock=True)
    if recall.status == "withdrawn":
        raise rules.WITHDRAWN(recall=recall.recall_no)
    if recall.held_at is None:
        raise rules.NOT_HELD(recall=recall.recall_no)
    at = rules.check_received(command.received_at, recall.opened_at, now)
    command = command.model_copy(update={"received_at": at})
    customer = session.exec(select(Customer).where(Customer.customer_no == command.customer_no)).first()
    if customer is None:
        raise UNKNOWN_CUSTOMER(customer=command.customer_no[:80])
    place = stock.location(session, command.location)
    returned = place_rules.Goods.RETURNED
    place_rules.check_into(places.place(place), ", ".join(sorted({line.lot_no for line in command.lines})), returned)
    locked = lots.lock(session, (line.lot_no for line in command.lines))
    booked: list[RecallReturn] = []
    for line in command.lines:
        booked += _take(session, recall, customer, locked[line.lot_no], line, place, command, now)
    data = {
        "recall_no": recall.recall_no,
        "customer": customer.customer_no,
        "returns": [str(one.public_id) for one in booked],
        "quantity": f"{sum((one.quantity for one in booked), Decimal(0)).normalize():f}",
        "moved": all(one.moved for one in booked),
    }
    return Receipt(act="book_return", at=now, data=data)


def _take(
    session: Session,
    recall: Recall,
    customer: Customer,
    lot: Lot,
    line: ReturnedLine,
    place: Location,
    command: BookReturn,
    now: datetime,
) -> list[RecallReturn]:
    holds.check(session, lot, Act.BOOK_RETURN)
    lot_rules.check_quantity(line.quantity)
    lots.check_whole(session, lot, line.quantity)
    if not recall_returns.in_scope(session, recall.id, lot.id):
        raise rules.NOT_IN_SCOPE(lot=lot.lot_no, recall=recall.recall_no)
    there = recall_returns.delivered(session, recall.id, customer.id, lot.id)
    if (line.serial_no or "").strip():
        serial_rules.check_one(serials.numbered(session, lot), (line.serial_no or "").strip(), line.quantity)
    taken = rules.take_back(there, line.quantity, (line.serial_no or "").strip() or None)
    if taken is None:
        if line.serial_no is None and any(one.serial_no for one in there):
            raise rules.SERIAL(lot=lot.lot_no, customer=customer.name)
        left = sum((one.left for one in there if one.serial_no == line.serial_no), Decimal(0))
        raise rules.TOO_MANY(
            customer=customer.name,
            lot=lot.lot_no,
            there=f"{left.normalize():f}",
            wanted=f"{line.quantity.normalize():f}",
            uom=lot.uom,
        )
    moved = outward.bring_back(session, recall, lot, taken, place.id, command.by.person_id, customer.name)
    rows = [
        RecallReturn(
            recall_id=recall.id,
            customer_id=customer.id,
            lot_id=lot.id,
            shipment_line_id=line_id,
            quantity=quantity,
            location_id=place.id,
            received_at=command.received_at,
            reference=(command.reference or "").strip() or None,
            remark=(command.remark or "").strip() or None,
            moved=moved,
            recorded_by_id=command.by.person_id,
            recorded_at=now,
        )
        for line_id, quantity in taken
    ]
    recall_returns.keep(session, *rows)
    return rows


def dispose(session: Session, command: DisposeReturn, now: datetime) -> Receipt:
    """Scrap, rework or put back to stock what came back, or a part of it."""
    lot_rules.check_quantity(command.quantity)
    row = recall_returns.find(session, command.returned)
    recall = recalls.lock(session, row.recall_id)
    lot = lots.lock_by_key(session, row.lot_id)
    rules.check_disposition(
        lots.facts(session, lot),
        command.kind,
        command.quantity,
        recall_returns.left_of(session, row),
        command.reason,
        now,
        lots.site_zone(session),
    )
    lots.check_whole(session, lot, command.quantity)
    serial = _unit_of(session, row)
    if serial is not None and command.quantity != row.quantity:
        serial_rules.check_one(serials.numbered(session, lot), serial.serial_no, command.quantity)
    moved = row.moved and command.kind == "scrap"
    if moved:
        place = session.get_one(Location, row.location_id)
        named = [serial.serial_no] if serial is not None else []
        outward.scrap(session, recall, lot, command.quantity, place.code, command.by.person_id, named)
    made = RecallDisposition(
        return_id=row.id,
        kind=command.kind,
        quantity=command.quantity,
        reason=command.reason.strip(),
        reference=(command.reference or "").strip() or None,
        moved=moved,
        decided_by_id=command.by.person_id,
        decided_at=now,
    )
    recall_returns.keep(session, made)
    data = {"recall_no": recall.recall_no, "lot_no": lot.lot_no, "kind": made.kind, "moved": moved}
    return Receipt(act="dispose_return", at=now, data=data)


def _unit_of(session: Session, row: RecallReturn) -> SerialUnit | None:
    """The unit with a number of its own that came back; what had none is a quantity."""
    line = session.get_one(ShipmentLine, row.shipment_line_id)
    return None if line.serial_unit_id is None else session.get_one(SerialUnit, line.serial_unit_id)
