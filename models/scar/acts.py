"""A request is raised, answered behind its link, or withdrawn, each in one transaction (ISO 13485 7.4.1; REQUIREMENTS 52)."""

from datetime import datetime

from sqlmodel import Session, select

from models.capa.tables import Capa
from models.item.store.named import item
from models.lot.tables import Lot
from models.nonconformance.tables import Nonconformance
from models.partner.tables import Supplier
from models.process.messages.process import Receipt
from models.process.tables.subject import Subject
from models.scar import rules
from models.scar.messages import AnswerScar, RaiseScar, WithdrawScar
from models.scar.store import files, requests
from models.scar.tables import Scar


def raise_(session: Session, command: RaiseScar, now: datetime) -> Receipt:
    """Put it on record, whole or not at all, tied to the lots and cases that it is about."""
    rules.check_raised(command.title, command.asks)
    supplier = session.exec(select(Supplier).where(Supplier.supplier_no == command.supplier_no)).first()
    if supplier is None:
        raise rules.NO_SUPPLIER(supplier=command.supplier_no[:80])
    batches = [_lot(session, number, supplier) for number in dict.fromkeys(command.lots)]
    tied = {requests.LOT: [one.subject_id for one in batches]}
    if command.nonconformance_no:
        tied[requests.CAUSE] = [
            _case(session, Nonconformance, Nonconformance.nonconformance_no, command.nonconformance_no)
        ]
    if command.capa_no:
        tied[requests.CAPA] = [_case(session, Capa, Capa.capa_no, command.capa_no)]
    thing = item(session, command.item_no).id if command.item_no else batches[0].item_id if batches else None
    row = requests.raise_(
        session,
        command.by,
        now,
        tied,
        supplier_id=supplier.id,
        item_id=thing,
        title=command.title.strip(),
        found=command.found.strip(),
        asks=[one.value for one in rules.Asked if one in command.asks],
    )
    subject = session.get_one(Subject, row.subject_id)
    return Receipt(act=command.act, at=now, data={"number": row.scar_no, "subject": str(subject.public_id)})


def _lot(session: Session, number: str, supplier: Supplier) -> Lot:
    found = session.exec(select(Lot).where(Lot.lot_no == number)).first()
    if found is None:
        raise rules.NO_LOT(lot=number[:80])
    if found.supplier_id != supplier.id:
        raise rules.NOT_THEIRS(lot=number)
    return found


def _case(session: Session, table: type[Nonconformance] | type[Capa], column: object, number: str) -> int:
    found = session.exec(select(table.subject_id).where(column == number)).first()
    if found is None:
        raise rules.NO_CASE(number=number[:80])
    return found


def answer(session: Session, command: AnswerScar, now: datetime) -> Receipt:
    """What the supplier says, once: of two at the same time the one that locks the request first."""
    at, row = files.at(session, command.round)
    if command.by.actor_id != requests.supplier_actor(session, row):
        raise rules.NO_LINK()
    rules.check_door(requests.door(session, at, row), now)
    rules.check_answer(row.asks, {one: getattr(command, one) for one in rules.Asked}, command.name)
    rules.check_files(command.files, files.sent(session, at.id))
    requests.answer(session, row, at, command, now)
    return Receipt(act=command.act, at=now, data={"number": row.scar_no, "round": at.round})


def withdraw(session: Session, command: WithdrawScar, now: datetime) -> Receipt:
    """Nothing is asked any more: the link is dead at once, and so is the process."""
    if not command.reason.strip():
        raise rules.NO_REASON()
    found = session.exec(select(Scar.subject_id).where(Scar.scar_no == command.number)).first()
    if found is None:
        raise rules.UNKNOWN(number=command.number[:80])
    row = requests.lock(session, found)
    if row.status != "open":
        raise rules.NOT_OPEN(number=row.scar_no)
    done = requests.end(session, row, "withdrawn", command.reason.strip(), command.by, now)
    requests.stop(session, row, command.reason.strip(), now)
    return Receipt(act=command.act, at=now, data=done)


ACTS = {"raise_scar": raise_, "answer_scar": answer, "withdraw_scar": withdraw}
