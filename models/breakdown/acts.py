"""Somebody reports that equipment broke down: it is out of use, and its process begins, in the same transaction (ISO 13485 6.3)."""

from datetime import datetime

from sqlmodel import Session, select

from models.breakdown.messages import ReportBreakdown
from models.breakdown.store import breakdowns
from models.equipment.store import machines
from models.equipment.tables import Equipment
from models.process.messages.process import Receipt
from models.process.tables.subject import Subject


def report(session: Session, command: ReportBreakdown, now: datetime) -> Receipt:
    """Put it on record, whole or not at all; told again, it is the same breakdown."""
    machine = session.exec(select(Equipment).where(Equipment.equipment_no == command.equipment_no)).first()
    if machine is None:
        raise machines.unknown(command.equipment_no)
    row, again, added = breakdowns.report(
        session, machine, command.said, command.happened_at, command.lot_nos, command.by, now
    )
    subject = session.get_one(Subject, row.subject_id)
    data = {"number": row.breakdown_no, "subject": str(subject.public_id), "again": again, "lots": added}
    return Receipt(act=command.act, at=now, data=data)


ACTS = {"report_breakdown": report}
