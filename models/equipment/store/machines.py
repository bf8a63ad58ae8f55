"""A machine or gauge with its newest calibration, as the rules and the record of its use need it (ISO 13485 7.6)."""

from sqlmodel import Session, col, select

from models.equipment import rules as equipment_rules
from models.equipment.tables import Calibration, Equipment

Found = tuple[equipment_rules.Machine, Equipment, Calibration | None]


def find(session: Session, number: str) -> Found:
    """The machine with that number."""
    machine = session.exec(select(Equipment).where(Equipment.equipment_no == number)).first()
    if machine is None:
        raise equipment_rules.UNKNOWN_EQUIPMENT(equipment=number[:80])
    last = session.exec(
        select(Calibration)
        .where(Calibration.equipment_id == machine.id)
        .order_by(col(Calibration.performed_at).desc(), col(Calibration.id).desc())
        .limit(1)
    ).first()
    facts = equipment_rules.Machine(
        equipment_no=machine.equipment_no,
        kind=machine.kind,
        in_service=machine.status == "in_service",
        needs_calibration=machine.needs_calibration,
        last_result=last.result if last else None,
        due_at=last.due_at if last else None,
    )
    return facts, machine, last
