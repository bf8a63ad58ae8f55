"""Somebody asks for a calibration; its process begins, or goes on before its day, in the same transaction (ISO 13485 7.6; REQUIREMENTS 64)."""

from datetime import datetime

from sqlmodel import Session, select

from models.calibration import rules
from models.calibration.messages import AskCalibration
from models.calibration.store import calibrations
from models.equipment.store import machines
from models.equipment.tables import Equipment
from models.process.messages.process import Receipt
from models.process.tables.subject import Subject


def ask(session: Session, command: AskCalibration, now: datetime) -> Receipt:
    """The task comes into the inbox; where it is there already, that is said."""
    machine = session.exec(select(Equipment).where(Equipment.equipment_no == command.equipment_no)).first()
    if machine is None:
        raise machines.unknown(command.equipment_no)
    calibrations.lock(session, machine.subject_id)
    if not calibrations.call_for(session, machine, command.by, now):
        raise rules.ASKED_ALREADY(equipment=machine.equipment_no)
    subject = session.get_one(Subject, machine.subject_id)
    return Receipt(act=command.act, at=now, data={"equipment": machine.equipment_no, "subject": str(subject.public_id)})


ACTS = {"ask_calibration": ask}
