"""May this machine or gauge be used: in service, and calibrated at the time of the work (ISO 13485 7.6; STANDARDS M 40)."""

from dataclasses import dataclass
from datetime import datetime

from models.kernel.refusal import Kind
from models.kernel.time.moments import Zone, day

UNKNOWN_EQUIPMENT = Kind(
    "EQP-001", "DESIGN 2.5", "找不到设备「{equipment}」。", "There is no equipment “{equipment}”.", 404
)
OVERDUE = Kind(
    "EQP-002",
    "ISO 13485 7.6",
    "设备 {equipment} 的校准已于 {due} 到期，不能使用。",
    "The calibration of {equipment} ran out on {due}; it can't be used.",
)
OUT_OF_SERVICE = Kind(
    "EQP-003", "ISO 13485 7.6", "设备 {equipment} 已停用。", "Equipment {equipment} is out of service."
)
NEVER_CALIBRATED = Kind(
    "EQP-004",
    "ISO 13485 7.6",
    "设备 {equipment} 没有合格的校准记录。",
    "Equipment {equipment} has no passed calibration.",
)
FAILED_CALIBRATION = Kind(
    "EQP-005", "ISO 13485 7.6", "设备 {equipment} 最近一次校准不合格。", "The last calibration of {equipment} failed."
)


@dataclass(frozen=True)
class Machine:
    """A machine with its newest calibration (`None` where it never had one)."""

    equipment_no: str
    kind: str
    in_service: bool
    needs_calibration: bool
    last_result: str | None
    due_at: datetime | None


def check_machine(machine: Machine, at: datetime, zone: Zone) -> None:
    """Refuse equipment out of service or past its calibration at the time of work (STANDARDS M 40)."""
    if not machine.in_service:
        raise OUT_OF_SERVICE(equipment=machine.equipment_no)
    if not machine.needs_calibration:
        return
    if machine.last_result is None or machine.due_at is None:
        raise NEVER_CALIBRATED(equipment=machine.equipment_no)
    if machine.last_result != "passed":
        raise FAILED_CALIBRATION(equipment=machine.equipment_no)
    if at >= machine.due_at:
        raise OVERDUE(equipment=machine.equipment_no, due=day(machine.due_at, zone))
