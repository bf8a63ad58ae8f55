"""A supplier's lot arrives: the lot, its stock and its life begin together (REQUIREMENTS 1, 27)."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from models.identifier.rules import scanned_field as scanned
from models.item.rules import shelf_life
from models.item.store import items
from models.item.store.named import item
from models.item.tables import Item
from models.kernel.refusal import Kind
from models.kernel.time.moments import PrintedDate, plant_day, printed
from models.kernel.units.units import Kept, check_whole, convert
from models.kernel.units.units import told as as_told
from models.label.rules import receipt as receipt_label
from models.lot.rules import lot as rules
from models.lot.store import lots
from models.lot.tables import Lot
from models.partner.tables import Supplier
from models.place import rules as place_rules
from models.process.messages.process import Receipt
from models.process.store import runs
from models.recall.store import joined as recall_joined
from models.receipt import rules as receipt_rules
from models.receipt.messages import ReceiveLot
from models.stock.store import places, stock
from models.supplier.store import receipts

UNKNOWN_SUPPLIER = Kind(
    "SUP-001", "DESIGN 2.5", "找不到供应商「{supplier}」。", "There is no supplier “{supplier}”.", 404
)
NOT_BOUGHT = Kind(
    "LOT-010", "DESIGN 6", "物料 {item} 是自制品，不能收货。", "Item {item} is made here; it can't be received.", 422
)

BOUGHT = {"raw", "component"}


def receive(session: Session, command: ReceiveLot, now: datetime) -> Receipt:
    """Book the lot in and open its incoming inspection."""
    rules.check_number(command.lot_no)
    rules.check_quantity(command.quantity)
    thing = item(session, command.item_no)
    if thing.kind not in BOUGHT:
        raise NOT_BOUGHT(item=thing.item_no)
    place = stock.location(session, command.location)
    place_rules.check_into(places.place(place), command.lot_no, place_rules.Goods.WAITING)
    lots.check_new(session, command.lot_no)
    told = _labelled(session, command, thing)
    made_on = told.made.first if told.made else None
    expiry, retest_on = _dates(session, command, thing, told, now)
    supplier = _supplier(session, command.supplier_no)
    quantity = convert(command.quantity, command.uom, Kept(command.lot_no, thing.uom))
    check_whole(quantity, Kept(command.lot_no, thing.uom))
    arrived = receipt_rules.check_arrived(command.received_at, now, lots.site_zone(session))
    row = Lot(
        lot_no=command.lot_no,
        item_id=thing.id,
        kind=thing.kind,
        status="received",
        quantity=quantity,
        uom=thing.uom,
        supplier_id=supplier.id if supplier else None,
        supplier_lot_no=told.supplier_lot_no,
        manufactured_on=made_on,
        made_precision=told.made.precision if told.made else "day",
        expires_on=expiry.on if expiry else None,
        expiry_precision=expiry.precision if expiry else "day",
        expiry_reason=(command.expiry_reason or "").strip() or None,
        retest_on=retest_on.on if retest_on else None,
        retest_precision=retest_on.precision if retest_on else "day",
    )
    session.add(row)
    session.flush()
    stock.bring(session, row, "receive", quantity, place.id)
    data = {"quantity": str(quantity), "uom": row.uom, "location": place.code}
    data |= as_told(command.quantity, command.uom, thing.uom) | _listed(session, command, row, thing, supplier, now)
    lots.note(session, row.id, "lot.received", command.by.person_id, data | _evidence(command, told), arrived)
    run = runs.begin(session, "batch-lifecycle", row, command.by, now)
    recall_joined.arrived(session, row, command.by.person_id, now)
    return Receipt(act="receive", at=now, data={"lot_no": row.lot_no, **data}, run=runs.view(session, run, text=True))


def _listed(
    session: Session, command: ReceiveLot, row: Lot, thing: Item, supplier: Supplier | None, now: datetime
) -> dict[str, Any]:
    """What the list of approved suppliers says of it; what isn't covered is held, and the receipt says why (STANDARDS Q 87)."""
    with_it = {"revision": command.item_revision or "", "certificate": command.certificate_no or ""}
    judged = receipts.judge(session, thing, supplier, now, **with_it)
    receipts.keep(session, row, judged, command.by, now, **with_it)
    told: dict[str, Any] = {key: value for key, value in with_it.items() if value}
    if judged.entry is not None:
        told["approval"] = judged.entry.number
    if not judged.free:
        told["quarantine"] = {"found": judged.found.value, "zh": judged.said.zh, "en": judged.said.en}
    return told


def _labelled(session: Session, command: ReceiveLot, thing: Item) -> receipt_label.Told:
    """What is typed, completed by what the labels say; LOT-025 where they contradict it without a reason."""
    supplier_lot = command.supplier_lot_no
    whole = dict.fromkeys([*command.labels, *([supplier_lot] if supplier_lot else [])])
    labels = [scan for scan in map(scanned.seen, whole) if scan is not None]
    told = receipt_label.Told(
        lot_no=command.lot_no,
        item_no=thing.item_no,
        supplier_lot_no=_plain(supplier_lot),
        expiry=printed(*rules.parse_expiry(command.expires_on)),
        made=printed(*rules.parse_expiry(command.manufactured_on)),
    )
    told = receipt_label.complete(told, labels, items.register(session, thing, labels))
    receipt_label.check(told, command.label_reason)
    return told


def _plain(supplier_lot: str | None) -> str | None:
    """The supplier's number; of a label that came whole, the number on it."""
    if supplier_lot and scanned.seen(supplier_lot) is not None:
        return scanned.number(supplier_lot, scanned.Asked.LOT)
    return supplier_lot


def _evidence(command: ReceiveLot, told: receipt_label.Told) -> dict[str, Any]:
    """What was scanned, and what it said otherwise with the reason."""
    if not command.labels:
        return {}
    kept: dict[str, Any] = {"labels": list(command.labels)}
    if told.differences:
        kept["label_differs"] = [one.as_dict() for one in told.differences]
        kept["label_reason"] = (command.label_reason or "").strip()
    return kept


def _dates(
    session: Session, command: ReceiveLot, thing: Item, told: receipt_label.Told, now: datetime
) -> tuple[PrintedDate | None, PrintedDate | None]:
    """Expiry and retest date, told or from the item master; refused where they contradict it without a reason."""
    made_on = told.made.first if told.made else None
    retest_on = printed(*rules.parse_expiry(command.retest_on))
    shelf_life.check_in_order(told.made, told.expiry, retest_on)
    today = plant_day(now, lots.site_zone(session))
    shelf_life.check_days(told.made, today, told.expiry, retest_on)
    master = items.shelf(thing)
    expiry = shelf_life.settle(master, told.expiry, made_on, command.expiry_reason)
    shelf_life.check_arrival(command.lot_no, expiry, now, lots.site_zone(session), command.expiry_reason)
    return expiry, shelf_life.retest(master, retest_on, made_on)


def _supplier(session: Session, supplier_no: str | None) -> Supplier | None:
    if not supplier_no:
        return None
    row = session.exec(select(Supplier).where(Supplier.supplier_no == supplier_no)).first()
    if row is None:
        raise UNKNOWN_SUPPLIER(supplier=supplier_no[:80])
    if row.status == "blocked":
        raise rules.BLOCKED_SUPPLIER(supplier=row.name)
    return row


ACTS = {"receive_lot": receive}
