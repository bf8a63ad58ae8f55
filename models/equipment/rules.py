"""May this machine or gauge be used: in service, calibrated at the time of the work, and not in doubt (ISO 13485 7.6; STANDARDS M 39, 40)."""

from dataclasses import dataclass
from datetime import datetime

from models.kernel.refusal import Kind
from models.kernel.time.moments import Zone, day, minute

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
BLOCKED = Kind(
    "EQP-006",
    "ISO 13485 7.6",
    "设备 {equipment} 校准超差, 自 {since} 起停用, 等待评估。",
    "Equipment {equipment} was found out of tolerance and is blocked since {since}, until that is assessed.",
)
DOUBTED = Kind(
    "EQP-007",
    "ISO 13485 7.6",
    "设备 {equipment} 在该时刻的测量不可信: 后来校准发现超差。请用合格的设备重新测量。",
    "What {equipment} measured then isn't trusted: a later calibration found it out of tolerance. Measure again with a good one.",
)
NOT_BY_HAND = Kind(
    "EQP-008",
    "ISO 13485 7.6",
    "不合格的校准须写明校准前后的值并签名: 请在设备 {equipment} 的校准任务中记录。",
    "A failed calibration is signed with what was found: record it in the calibration task of {equipment}.",
)
BY_ITS_TASK = Kind(
    "EQP-009",
    "ISO 13485 7.6",
    "设备 {equipment} 的校准已列入计划或正在评估, 请在其校准任务中记录并签名。",
    "Calibrations of {equipment} are planned, or it is blocked: record them in its calibration task, with a signature.",
)
BROKEN = Kind(
    "EQP-030",
    "ISO 13485 6.3, 7.5.1; 21 CFR 820.70(g)",
    "设备 {equipment} 自 {since} 起因故障 {number} 停用，签名恢复使用前不能使用。",
    "Equipment {equipment} is out of use since {since} by breakdown {number}, until a signature takes it back into use.",
)


@dataclass(frozen=True)
class Block:
    """A time in which it may not be used, and one (`since` to `until`, both within) of which its values are doubted."""

    placed_at: datetime
    lifted_at: datetime | None
    since: datetime | None
    until: datetime

    def open_at(self, at: datetime) -> bool:
        """Whether it was blocked at that moment."""
        return self.placed_at <= at and (self.lifted_at is None or at < self.lifted_at)

    def doubts(self, at: datetime) -> bool:
        """Whether what it measured at that moment is doubted; without a good calibration before, everything of before is."""
        return (self.since is None or self.since <= at) and at <= self.until


@dataclass(frozen=True)
class Down:
    """A breakdown: out of use from `since` on, that moment within, until it was taken back into use (`until`; None: it wasn't)."""

    number: str
    since: datetime
    until: datetime | None = None

    def open_at(self, at: datetime) -> bool:
        """Whether it was out of use at that moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Machine:
    """A machine or gauge with its newest calibration (`None`: it never had one), the times in which it was blocked or is doubted, and its breakdowns."""

    equipment_no: str
    kind: str
    in_service: bool
    needs_calibration: bool
    last_result: str | None
    due_at: datetime | None
    blocks: tuple[Block, ...] = ()
    downs: tuple[Down, ...] = ()


def check_machine(machine: Machine, at: datetime, zone: Zone) -> None:
    """Refuse equipment out of service, broken down, blocked, doubted, or past its calibration at the time of work (STANDARDS M 39, 40)."""
    if not machine.in_service:
        raise OUT_OF_SERVICE(equipment=machine.equipment_no)
    for down in machine.downs:
        if down.open_at(at):
            raise BROKEN(equipment=machine.equipment_no, since=minute(down.since, zone), number=down.number)
    for block in machine.blocks:
        if block.open_at(at):
            raise BLOCKED(equipment=machine.equipment_no, since=day(block.placed_at, zone))
        if block.doubts(at):
            raise DOUBTED(equipment=machine.equipment_no)
    if not machine.needs_calibration:
        return
    if machine.last_result is None or machine.due_at is None:
        raise NEVER_CALIBRATED(equipment=machine.equipment_no)
    if machine.last_result != "passed":
        raise FAILED_CALIBRATION(equipment=machine.equipment_no)
    if at >= machine.due_at:
        raise OVERDUE(equipment=machine.equipment_no, due=day(machine.due_at, zone))


def check_by_hand(equipment_no: str, result: str, *, planned: bool, blocked: bool) -> None:
    """Refuse a calibration that is only noted in the register, where it takes a signature."""
    if result != "passed":
        raise NOT_BY_HAND(equipment=equipment_no)
    if planned or blocked:
        raise BY_ITS_TASK(equipment=equipment_no)
