"""Somebody wants incoming lots to be watched; the process of their limits begins in the same transaction (REQUIREMENTS 50; STANDARDS Q 91)."""

from datetime import datetime

from sqlmodel import Session, select

from models.drift.messages import WatchLots
from models.drift.rules import asking
from models.drift.store import charts
from models.item.store.named import item
from models.partner.tables import Supplier
from models.process.messages.process import Receipt
from models.process.tables.subject import Subject


def watch(session: Session, command: WatchLots, now: datetime) -> Receipt:
    """Put it on record, whole or not at all."""
    if not command.reason.strip():
        raise asking.NO_REASON()
    supplier = session.exec(select(Supplier).where(Supplier.supplier_no == command.supplier_no)).first()
    if supplier is None:
        raise asking.NO_SUPPLIER(supplier=command.supplier_no[:80])
    thing = item(session, command.item_no)
    said = command.characteristic.strip()
    row = charts.ask(session, supplier, thing, said, command.reason.strip(), command.by, now)
    subject = session.get_one(Subject, row.subject_id)
    return Receipt(act=command.act, at=now, data={"number": row.chart_no, "subject": str(subject.public_id)})


ACTS = {"watch_lots": watch}
