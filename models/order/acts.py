"""A work order is opened: its routing and its bill are frozen with it (REQUIREMENTS 58, 61)."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.item.rules import shelf_life
from models.item.store import items
from models.item.store.named import item
from models.item.tables import BomLine, Item
from models.kernel.refusal import Kind
from models.kernel.time.moments import PrintedDate, plant_day, printed
from models.kernel.units.units import Kept, check_whole
from models.lot.rules import lot as lot_rules
from models.lot.store import lots
from models.lot.tables import Lot
from models.order import rules as master
from models.order.messages.order import CreateWorkOrder
from models.order.messages.routing import PlannedStep
from models.order.tables import RoutingStep, WorkOrder
from models.process.messages.process import Receipt
from models.process.store import runs
from models.register.store import keyset
from models.stock.store import stock

NOT_MADE = Kind(
    "OPR-013", "DESIGN 6", "物料 {item} 是外购品，不能下生产订单。", "Item {item} is bought, not made here.", 422
)


NO_STEPS = Kind(
    "OPR-014", "21 CFR 820.70", "生产订单至少要有一道工序。", "A work order needs at least one operation.", 422
)


ORDER_TWICE = Kind("OPR-015", "DESIGN 5", "生产订单号 {order} 已经存在。", "There is a work order {order} already.")


MADE = {"in_process", "finished", "packaged", "component"}


def create(session: Session, command: CreateWorkOrder, now: datetime) -> Receipt:
    """Open the order with its frozen routing, and the lot that it will make."""
    lot_rules.check_number(command.work_order_no)
    lot_rules.check_number(command.lot_no)
    lot_rules.check_quantity(command.quantity)
    thing = item(session, command.item_no)
    if thing.kind == "raw":
        raise NOT_MADE(item=thing.item_no)
    if not command.steps:
        raise NO_STEPS()
    if (known := keyset.meant(session, WorkOrder.work_order_no, command.work_order_no)) is not None:
        raise ORDER_TWICE(order=known)
    lots.check_new(session, command.lot_no)
    check_whole(command.quantity, Kept(command.lot_no, thing.uom))
    places = stock.locations(session, [command.location, *(step.room for step in command.steps)])
    zone = lots.site_zone(session)
    opened = master.check_opened(command.opened_at, now, zone)
    made_on = plant_day(opened or now, zone)
    told_expiry = printed(*lot_rules.parse_expiry(command.expires_on))
    shelf_life.check_days(None, made_on, told_expiry)
    shelf_life.check_in_order(PrintedDate(made_on), told_expiry)
    expiry = shelf_life.settle(items.shelf(thing), told_expiry, made_on, command.expiry_reason)
    row = Lot(
        lot_no=command.lot_no,
        item_id=thing.id,
        # what is made here is inspected and released as made here, whatever else the item may be bought as
        kind="in_process" if thing.kind == "component" else thing.kind,
        status="in_process",
        quantity=command.quantity,
        uom=thing.uom,
        manufactured_on=made_on,
        expires_on=expiry.on if expiry else None,
        expiry_precision=expiry.precision if expiry else "day",
        expiry_reason=(command.expiry_reason or "").strip() or None,
    )
    session.add(row)
    session.flush()
    order = WorkOrder(
        work_order_no=command.work_order_no,
        item_id=thing.id,
        lot_id=row.id,
        quantity=command.quantity,
        uom=thing.uom,
        document=command.document,
        document_version=command.document_version,
        location_id=places[command.location].id,
        opened_at=opened,
        extra={"bill": _frozen_bill(session, command, thing)},
    )
    session.add(order)
    session.flush()
    session.add_all([_frozen_step(order.id, step) for step in command.steps])
    said = {"work_order": order.work_order_no}
    lots.note(session, row.id, "production.started", command.by.person_id, said, opened)
    run = runs.begin(session, "batch-lifecycle", row, command.by, now)
    data = {"work_order_no": order.work_order_no, "lot_no": row.lot_no}
    return Receipt(act="create_work_order", at=now, data=data, run=runs.view(session, run, text=True))


def _frozen_step(order_id: int, step: PlannedStep) -> RoutingStep:
    """A step with what it asks for; numbers are kept as text, in the digits that were entered."""
    asked = {"parameters": step.parameters, "readings": step.readings}
    for values in asked.values():
        master.check_limits([master.Limit(**one.model_dump()) for one in values])
    frozen: dict[str, Any] = {
        what: [one.model_dump(mode="json", exclude_none=True) for one in values] for what, values in asked.items()
    }
    given = step.model_dump(exclude={"parameters", "readings", "room"})
    # what is asked for by name needs no flag besides
    environment = step.environment or bool(step.readings)
    more = {"room": step.room} if step.room is not None else {}
    return RoutingStep(work_order_id=order_id, **{**given, "environment": environment}, parameters={**frozen, **more})


def _frozen_bill(session: Session, command: CreateWorkOrder, thing: Item) -> list[dict[str, Any]]:
    """The bill of the order: as given, else the item's as it stands now."""
    if command.bill is None:
        rows = session.exec(
            select(BomLine, Item.item_no)
            .join(Item, col(Item.id) == col(BomLine.component_id))
            .where(BomLine.item_id == thing.id)
            .order_by(col(BomLine.id))
        ).all()
        lines = [(number, line.quantity, line.optional) for line, number in rows]
    else:
        found = [(items.meant(session, one.item_no), one) for one in command.bill]
        known = {meant.item_no for meant, _ in found if meant is not None}
        # what means none stays for the rule to name
        lines = [(one.item_no if meant is None else meant.item_no, one.quantity, one.optional) for meant, one in found]
        numbers = [one[0] for one in lines]
        for number, quantity, _ in lines:
            if number not in known or numbers.count(number) > 1 or number == thing.item_no or quantity <= 0:
                raise master.NO_SUCH_MATERIAL(item=number[:80])
    return [
        {"item_no": number, "quantity": f"{quantity:f}", "optional": optional} for number, quantity, optional in lines
    ]
