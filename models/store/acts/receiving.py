"""A supplier's lot arrives: the lot, its stock and its life begin together (REQUIREMENTS 1, 27)."""

from datetime import date, datetime

from sqlmodel import Session, select

from models.messages.process import Receipt, ReceiveLot
from models.rules import lot as rules
from models.rules import places as place_rules
from models.rules import shelf_life
from models.rules.moments import PrintedDate, printed
from models.rules.refusals import Kind
from models.rules.units import Kept, check_whole, convert, told
from models.store import items, lots, places, runs, stock
from models.tables.items import Item
from models.tables.lots import Lot
from models.tables.partners import Supplier

UNKNOWN_ITEM = Kind("ITM-001", "DESIGN 2.5", "找不到物料「{item}」。", "There is no item “{item}”.", 404)
UNKNOWN_SUPPLIER = Kind(
    "SUP-001", "DESIGN 2.5", "找不到供应商「{supplier}」。", "There is no supplier “{supplier}”.", 404
)
NOT_BOUGHT = Kind(
    "LOT-010", "DESIGN 6", "物料 {item} 是自制品，不能收货。", "Item {item} is made here; it can't be received.", 422
)

BOUGHT = {"raw", "component"}


def item(session: Session, item_no: str) -> Item:
    """The item with that number."""
    row = session.exec(select(Item).where(Item.item_no == item_no)).first()
    if row is None:
        raise UNKNOWN_ITEM(item=item_no[:80])
    return row


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
    made_on, _ = rules.parse_expiry(command.manufactured_on)
    expiry, retest_on = _dates(session, command, thing, made_on, now)
    supplier = _supplier(session, command.supplier_no)
    quantity = convert(command.quantity, command.uom, Kept(command.lot_no, thing.uom))
    check_whole(quantity, Kept(command.lot_no, thing.uom))
    row = Lot(
        lot_no=command.lot_no,
        item_id=thing.id,
        kind=thing.kind,
        status="received",
        quantity=quantity,
        uom=thing.uom,
        supplier_id=supplier.id if supplier else None,
        supplier_lot_no=command.supplier_lot_no,
        manufactured_on=made_on,
        expires_on=expiry.on if expiry else None,
        expiry_precision=expiry.precision if expiry else "day",
        expiry_reason=(command.expiry_reason or "").strip() or None,
        retest_on=retest_on,
    )
    session.add(row)
    session.flush()
    stock.bring(session, row, "receive", quantity, place.id)
    data = {"quantity": str(quantity), "uom": row.uom, "location": place.code}
    data |= told(command.quantity, command.uom, thing.uom)
    lots.note(session, row.id, "lot.received", command.by.person_id, data)
    run = runs.begin(session, "batch-lifecycle", row, command.by, now)
    return Receipt(act="receive", at=now, data={"lot_no": row.lot_no, **data}, run=runs.view(session, run, text=True))


def _dates(
    session: Session, command: ReceiveLot, thing: Item, made_on: date | None, now: datetime
) -> tuple[PrintedDate | None, date | None]:
    """Expiry and retest date, told or from the item master; refused where they contradict it without a reason."""
    told, precision = rules.parse_expiry(command.expires_on)
    retest_on, _ = rules.parse_expiry(command.retest_on)
    if made_on and told and rules.last_day(told, precision) < made_on:
        raise rules.NO_BEFORE_MADE()
    master = items.shelf(thing)
    expiry = shelf_life.settle(master, printed(told, precision), made_on, command.expiry_reason)
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
