"""Somebody asks to have a supplier assessed; the process begins, or goes on, in the same transaction (ISO 13485 7.4.1; REQUIREMENTS 49)."""

from datetime import datetime

from sqlmodel import Session, select

from models.item.store.named import item
from models.partner.tables import Supplier
from models.process.messages.process import Receipt
from models.process.tables.subject import Subject
from models.supplier.messages import AssessSupplier
from models.supplier.rules import approval as rules
from models.supplier.store import approvals


def assess(session: Session, command: AssessSupplier, now: datetime) -> Receipt:
    """Put it on record, whole or not at all."""
    rules.check_asked(command.reason)
    supplier = session.exec(select(Supplier).where(Supplier.supplier_no == command.supplier_no)).first()
    if supplier is None:
        raise rules.NO_SUPPLIER(supplier=command.supplier_no[:80])
    thing = item(session, command.item_no)
    rules.check_bought(thing.item_no, thing.kind)
    row = approvals.ask(session, supplier, thing, command.revision.strip(), command.reason.strip(), command.by, now)
    subject = session.get_one(Subject, row.subject_id)
    return Receipt(act=command.act, at=now, data={"number": row.approval_no, "subject": str(subject.public_id)})


ACTS = {"assess_supplier": assess}
