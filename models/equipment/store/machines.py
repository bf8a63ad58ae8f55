"""A machine or gauge with its newest calibration, as the rules and the record of its use need it (ISO 13485 7.6)."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from models.equipment import rules as equipment_rules
from models.equipment.tables import Calibration, Equipment
from models.kernel.refusal import Refusal

Found = tuple[equipment_rules.Machine, Equipment, Calibration | None]


def find(session: Session, number: str) -> Found:
    """The machine with that number."""
    newest = (
        select(Calibration.id)
        .where(Calibration.equipment_id == Equipment.id)
        .order_by(col(Calibration.performed_at).desc(), col(Calibration.id).desc())
        .limit(1)
        .correlate(Equipment)
        .scalar_subquery()
    )
    asked = select(Equipment, Calibration).join(Calibration, col(Calibration.id) == newest, isouter=True)
    found = session.exec(asked.where(Equipment.equipment_no == number)).first()
    if found is None:
        raise unknown(number)
    machine, last = found
    return facts(machine, last), machine, last


def with_calibrations(session: Session, numbers: Sequence[str]) -> dict[str, tuple[Equipment, list[Calibration]]]:
    """The machines with these numbers, each with all its calibrations, the oldest first; what is missing isn't there."""
    asked = (
        select(Equipment, Calibration)
        .join(Calibration, col(Calibration.equipment_id) == col(Equipment.id), isouter=True)
        .where(col(Equipment.equipment_no).in_(numbers))
        .order_by(col(Calibration.performed_at), col(Calibration.id))
    )
    found: dict[str, tuple[Equipment, list[Calibration]]] = {}
    rows: Iterable[tuple[Equipment, Calibration | None]] = session.exec(asked)
    for machine, one in rows:
        found.setdefault(machine.equipment_no, (machine, []))[1].extend([one] if one is not None else [])
    return found


def unknown(number: str) -> Refusal:
    """EQP-001 of that number."""
    return equipment_rules.UNKNOWN_EQUIPMENT(equipment=number[:80])


def facts(machine: Equipment, last: Calibration | None) -> equipment_rules.Machine:
    """A machine with its newest calibration as the rules see it."""
    return equipment_rules.Machine(
        equipment_no=machine.equipment_no,
        kind=machine.kind,
        in_service=machine.status == "in_service",
        needs_calibration=machine.needs_calibration,
        last_result=last.result if last else None,
        due_at=last.due_at if last else None,
    )
