"""Recalled goods come back and are decided about; a drill does the same and moves no stock (REQUIREMENTS 75)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, select

from models.lot.rules import lot as lot_rules
from models.lot.rules.held import Act
from models.lot.store import lots, open_holds
from models.lot.tables import Lot
from models.partner.tables import Customer
from models.place import rules as place_rules
from models.place.tables import Location
from models.process.messages.process import Receipt
from models.process.sign.signed_act import SignedAct
from models.process.store import signed_acts, signing
from models.process.store.signed_acts import Given, Shown
from models.recall.store import hold_and_notify as outward
from models.recall.store import recalls
from models.recall.tables.follow_up import RecallDisposition, RecallReturn
from models.recall.tables.recall import Recall
from models.returns import rules
from models.returns import store as recall_returns
from models.returns.messages import BookReturn, DisposeReturn, ReturnedLine
from models.shipment.acts.ship import UNKNOWN_CUSTOMER
from models.shipment.tables import ShipmentLine
from models.stock import rules as serial_rules
from models.stock.store import places, serials, stock
from models.stock.tables import SerialUnit

SCRAP = SignedAct(
    "dispose_return", "approved", "本人批准报废这些退货", "I approve that these returned goods are scrapped"
)


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
        open_holds.check_held(session, locked[line.lot_no], Act.RETURN)
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
    signature = None
    if command.kind == "scrap":
        given = Given(command.attempt_id, command.digest, command.meaning, command.reason)
        shown = scrapping(session, row, lot, command.quantity)
        signature = signed_acts.sign(session, shown, command.by, given, "scrap", now)
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
        signature_id=signature.id if signature is not None else None,
        decided_by_id=command.by.person_id,
        decided_at=now,
    )
    recall_returns.keep(session, made)
    data = {"recall_no": recall.recall_no, "lot_no": lot.lot_no, "kind": made.kind, "moved": moved}
    return Receipt(act="dispose_return", at=now, data=data)


def preview(session: Session, returned: UUID, quantity: Decimal) -> Shown:
    """What scrapping so much of a return is signed on; refuses more than is left of it."""
    lot_rules.check_quantity(quantity)
    row = recall_returns.find(session, returned)
    lot = session.get_one(Lot, row.lot_id)
    if quantity > (left := recall_returns.left_of(session, row)):
        raise rules.TOO_MUCH(left=f"{left.normalize():f}", wanted=f"{quantity.normalize():f}", uom=lot.uom)
    return scrapping(session, row, lot, quantity)


def scrapping(session: Session, row: RecallReturn, lot: Lot, quantity: Decimal) -> Shown:
    """The record that scrapping is signed on: of which recall, batch and customer, how much, and where it lies."""
    record = {
        "record": "return_scrap",
        "return": str(row.public_id),
        "recall": session.get_one(Recall, row.recall_id).recall_no,
        "lot_no": lot.lot_no,
        "customer": session.get_one(Customer, row.customer_id).customer_no,
        "location": session.get_one(Location, row.location_id).code,
        "returned": f"{row.quantity.normalize():f}",
        "scrapped": f"{quantity.normalize():f}",
        "uom": lot.uom,
    }
    return Shown(SCRAP, str(row.public_id), signing.canonical(record), lot.id)


def _unit_of(session: Session, row: RecallReturn) -> SerialUnit | None:
    """The unit with a number of its own that came back; what had none is a quantity."""
    line = session.get_one(ShipmentLine, row.shipment_line_id)
    return None if line.serial_unit_id is None else session.get_one(SerialUnit, line.serial_unit_id)


ACTS = {"book_return": book, "dispose_return": dispose}
