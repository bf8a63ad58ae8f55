"""Somebody raises a nonconformance or deviation; its review begins in the same transaction (ISO 13485 8.3.1; REQUIREMENTS 39)."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, select

from models.attachment import store as attachments
from models.attachment.rules.attachment import NOT_KEPT
from models.hold.rules import Scope
from models.hold.store import parts, placing
from models.item.store.named import item
from models.item.tables import Item
from models.kernel.refusal import Refusal
from models.kernel.time.reported import happened
from models.kernel.units.units import Kept, check_whole, convert
from models.lot.rules.lot import LotStatus
from models.lot.store import lots
from models.lot.tables import Lot
from models.nonconformance import rules
from models.nonconformance import store as nonconformances
from models.nonconformance.messages import RaiseNonconformance
from models.nonconformance.tables import Nonconformance
from models.partner.tables import Supplier
from models.process.messages.process import Receipt
from models.stock.store import stock


@dataclass(frozen=True)
class Goods:
    """What the finding is about: a locked batch, or where there is none an item and a supplier."""

    lot: Lot | None
    item: Item | None
    supplier_id: int | None


def raise_(session: Session, command: RaiseNonconformance, now: datetime) -> Receipt:
    """Put it on record, whole or not at all; the batch that it concerns is locked against its release."""
    rules.check_raised(command.title, [command.lot_no, command.item_no, command.supplier_no, command.location])
    goods = _goods(session, command)
    for digest in attachments.lacking(session, command.files):
        raise NOT_KEPT(digest=digest)
    row = _row(session, command, goods, now)
    nonconformances.begin(session, goods.lot, row, command.by, now)
    held = _held(session, goods.lot, row, command, now)
    return Receipt(
        act=command.act,
        at=now,
        data={
            "number": row.nonconformance_no,
            "subject": str(nonconformances.subject_of(session, row).public_id),
            "severity": row.severity,
            "lot": goods.lot.lot_no if goods.lot else None,
            "hold": held,
        },
    )


def _goods(session: Session, command: RaiseNonconformance) -> Goods:
    """What it is about, found and locked; refuses an item or supplier that the batch isn't of."""
    lot = lots.lock(session, [command.lot_no])[command.lot_no] if command.lot_no else None
    said = item(session, command.item_no) if command.item_no else None
    supplier = _supplier(session, command.supplier_no)
    if lot is None:
        return Goods(None, said, supplier)
    rules.check_same(
        lot.lot_no,
        other_item=said is not None and said.id != lot.item_id,
        other_supplier=supplier is not None and supplier != lot.supplier_id,
    )
    return Goods(lot, session.get_one(Item, lot.item_id), None)


def _row(session: Session, command: RaiseNonconformance, goods: Goods, now: datetime) -> Nonconformance:
    lot = goods.lot
    place = stock.location(session, command.location) if command.location else None
    at = happened(command.happened_at, now, lots.site_zone(session), rules.HAPPENED_WHEN)
    quantity, uom = _set_apart(command, lot, goods.item)
    by_rule = rules.severity(command.kind, delivered=lot is not None and nonconformances.delivered(session, lot.id))
    return Nonconformance(
        nonconformance_no=nonconformances.number(session, lot, command.kind, now),
        lot_id=lot.id if lot else None,
        item_id=goods.item.id if goods.item and not lot else None,
        supplier_id=goods.supplier_id,
        supplier_lot_no=(command.supplier_lot_no or "").strip() or None,
        location_id=place.id if place else None,
        quantity=quantity,
        uom=uom,
        files=[*dict.fromkeys(command.files)],
        kind=command.kind,
        source=command.source,
        severity=rules.graver(by_rule, command.severity),
        title=command.title.strip(),
        title_en=(command.title_en or "").strip() or None,
        said=(command.said or "").strip() or None,
        opened_by_id=command.by.person_id,
        opened_at=now,
        happened_at=at or now,
    )


def _held(
    session: Session, lot: Lot | None, row: Nonconformance, command: RaiseNonconformance, now: datetime
) -> str | None:
    """What it names is kept from use: so much at a place where that is what it says, else a batch that may be used and shipped.

    A batch on its way is kept by the open finding itself.  A quantity that doesn't lie loose at the place doesn't make the
    finding refused: who found it is right about the goods, and the books may not be, so all of the batch is held then.
    """
    if lot is None or (row.kind, row.severity) == ("deviation", "minor"):
        return None
    reason = f"{row.nonconformance_no} {row.title}"
    if row.quantity is not None and command.location:
        with suppress(Refusal):
            part = parts.place(
                session, lot, command.location, row.quantity, uom=row.uom, reason=reason, by=command.by, now=now
            )[1]
            return str(part.public_id)
    if lot.status != LotStatus.RELEASED:
        return None
    return placing.place(session, [lot], Scope.LOT, reason=reason, by=command.by, now=now).holds[lot.id]


def _set_apart(command: RaiseNonconformance, lot: Lot | None, thing: Item | None) -> tuple[Decimal | None, str | None]:
    """How much was set apart, in the unit that the goods are kept in."""
    if command.quantity is None:
        return None, None
    if lot is not None and thing is not None:
        kept = Kept(lot.lot_no, lot.uom, thing.uom, lot.pack_size)
    elif thing is not None:
        kept = Kept(thing.item_no, thing.uom)
    else:
        raise rules.NO_GOODS()
    quantity = convert(command.quantity, command.uom, kept)
    check_whole(quantity, kept)
    rules.check_set_apart(quantity, kept.uom, None if lot is None else (lot.lot_no, lot.quantity))
    return quantity, kept.uom


def _supplier(session: Session, supplier_no: str | None) -> int | None:
    if not supplier_no:
        return None
    found = session.exec(select(Supplier.id).where(Supplier.supplier_no == supplier_no)).first()
    if found is None:
        raise rules.NO_SUPPLIER(supplier=supplier_no[:80])
    return found


ACTS = {"raise_nonconformance": raise_}
