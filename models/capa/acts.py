"""Somebody of quality opens a CAPA by hand; its process begins in the same transaction (ISO 13485 8.5.2, 8.5.3; REQUIREMENTS 40)."""

from datetime import datetime

from sqlmodel import Session, select

from models.capa import rules
from models.capa.messages import AddToScope, ConfirmSimilar, EndScope, OpenCapa
from models.capa.store import cases, scope, similar
from models.capa.tables import Capa
from models.item.store.named import item
from models.lot.tables import Lot
from models.nonconformance.tables import Nonconformance
from models.partner.tables import Supplier
from models.process.messages.process import Receipt
from models.process.tables.subject import Subject


def open_(session: Session, command: OpenCapa, now: datetime) -> Receipt:
    """Put it on record, whole or not at all, tied to the findings that it is for."""
    if not command.title.strip():
        raise rules.NO_TITLE()
    findings = [_finding(session, number) for number in dict.fromkeys(command.nonconformances)]
    goods = _goods(session, command, findings)
    row = cases.new(
        session,
        command.by,
        now,
        title=command.title.strip(),
        title_en=(command.title_en or "").strip() or None,
        source="hand",
        opened_by_id=command.by.person_id,
        **goods,
    )
    cases.begin(session, row, command.by, now, [one.subject_id for one in findings])
    subject = session.get_one(Subject, row.subject_id)
    data = {"number": row.capa_no, "subject": str(subject.public_id), "findings": len(findings)}
    return Receipt(act=command.act, at=now, data=data)


def _finding(session: Session, number: str) -> Nonconformance:
    found = session.exec(select(Nonconformance).where(Nonconformance.nonconformance_no == number)).first()
    if found is None:
        raise rules.NO_FINDING(number=number[:80])
    return found


def _goods(session: Session, command: OpenCapa, findings: list[Nonconformance]) -> dict[str, int | None]:
    """Of which item and supplier it is: as said, else as the first finding says."""
    said = item(session, command.item_no).id if command.item_no else None
    supplier = None
    if command.supplier_no:
        supplier = session.exec(select(Supplier.id).where(Supplier.supplier_no == command.supplier_no)).first()
        if supplier is None:
            raise rules.NO_ITEM(zh="供应商", en="supplier", number=command.supplier_no[:80])
    if findings and said is None and supplier is None:
        first = findings[0]
        lot = session.get_one(Lot, first.lot_id) if first.lot_id is not None else None
        return {
            "item_id": lot.item_id if lot else first.item_id,
            "supplier_id": lot.supplier_id if lot else first.supplier_id,
        }
    return {"item_id": said, "supplier_id": supplier}


def add_to_scope(session: Session, command: AddToScope, now: datetime) -> Receipt:
    """The case is about a batch and its relatives too."""
    row = _case(session, command.number)
    lot = scope.add(session, row, command.lot_no, command.direction, command.reason, command.by, now)
    return Receipt(act=command.act, at=now, data={"number": row.capa_no, "lot": lot, "direction": command.direction})


def end_scope(session: Session, command: EndScope, now: datetime) -> Receipt:
    """The case isn't about a batch any more that somebody had added."""
    row = _case(session, command.number)
    lot = scope.end(session, row, command.lot_no, command.reason, command.by, now)
    return Receipt(act=command.act, at=now, data={"number": row.capa_no, "lot": lot})


def confirm_similar(session: Session, command: ConfirmSimilar, now: datetime) -> Receipt:
    """Two cases are tied as alike; what they have in common is kept with who says so."""
    said = similar.confirm(session, command.number, command.like, command.because, command.by, now)
    return Receipt(act=command.act, at=now, data=said)


def _case(session: Session, number: str) -> Capa:
    key = session.exec(select(Capa.subject_id).where(Capa.capa_no == number)).first()
    if key is None:
        raise rules.UNKNOWN(number=number[:80])
    return cases.lock(session, key)


ACTS = {
    "open_capa": open_,
    "add_to_capa_scope": add_to_scope,
    "end_capa_scope": end_scope,
    "confirm_similar": confirm_similar,
}
