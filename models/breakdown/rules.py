"""A breakdown: what can be reported, what becomes of the batches under way, and when the equipment goes back into use (pure).

Pinned: equipment is out of use from the moment that it broke down (that moment within) until a signature of somebody other than who repaired it.
Reported twice while it is open, it is one.  Work that began before is under way: it is recorded, with a deviation; work that begins later is refused.
Served are ISO 13485 6.3, 7.5.1, 8.3, 21 CFR 820.70(g) and REQUIREMENTS 43, 64.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from models.kernel.refusal import Kind
from models.kernel.time.moments import Zone, minute

CLAUSE = "ISO 13485 6.3; 21 CFR 820.70(g)"
PROCESS = "breakdown"
NO_WORDS = Kind("EQP-032", CLAUSE, "请写明发生了什么。", "Say what happened.", 422)
BEFORE_THE_LAST = Kind(
    "EQP-033",
    "ALCOA+",
    "设备 {equipment} 到 {back} 才恢复使用，故障时间不能更早。",
    "Equipment {equipment} was taken back into use at {back}; it can't have broken down before that.",
    422,
)
NOT_REPAIRED = Kind(
    "EQP-034", CLAUSE, "{number} 还没有维修记录。", "Nobody has recorded the repair of {number} yet.", 422
)
NOT_CALIBRATED = Kind(
    "EQP-035",
    "ISO 13485 7.6",
    "设备 {equipment} 维修后须重新校准；请先在其校准任务中签署合格的校准。",
    "Equipment {equipment} is calibrated again before it is used: sign a passed calibration in its calibration task first.",
)
NOT_QUALIFIED = Kind(
    "EQP-036",
    "ISO 13485 7.5.6",
    "设备 {equipment} 维修后须重新确认，请写明确认的结果和依据。",
    "Equipment {equipment} is qualified again before it is used: say what that showed, and where it stands.",
    422,
)
ALONE = Kind(
    "EQP-037",
    "DESIGN 2.8; 21 CFR 820.70(g)",
    "{number} 的维修人不能签署恢复使用。",
    "Whoever repaired {number} can't take it back into use.",
)
OVER = Kind("EQP-038", CLAUSE, "{number} 已经结束。", "{number} is over.")
BEFORE_IT_BROKE = Kind(
    "EQP-039",
    "ALCOA+",
    "维修完成时间不能早于故障时间 {since}。",
    "It can't have been repaired before it broke down at {since}.",
    422,
)
GONE = Kind(
    "EQP-040",
    CLAUSE,
    "批次 {lot} 不在生产或检验中，不可能正在设备上加工。",
    "Batch {lot} is neither being made nor inspected, and can't be under way on the equipment.",
    422,
)
UNKNOWN = Kind("EQP-405", "DESIGN 2.5", "找不到设备故障「{number}」。", "There is no breakdown “{number}”.", 404)

Again = Literal["none", "calibration", "qualification"]
"""What it needs before it is used again."""
UNDER_WAY = ("received", "in_process", "finished")
"""States in which a batch may lie on a machine: it is being made, or sterilised and packed after that."""


def check_report(equipment_no: str, said: str, happened: datetime, back: datetime | None, zone: Zone) -> None:
    """Refuse a report that says nothing, or of a time at which the equipment was still out of use by an earlier breakdown."""
    if not said.strip():
        raise NO_WORDS()
    if back is not None and happened < back:
        raise BEFORE_THE_LAST(equipment=equipment_no, back=minute(back, zone))


def check_repair(repaired: datetime, since: datetime, zone: Zone) -> None:
    """Refuse a repair that was over before anything was broken."""
    if repaired < since:
        raise BEFORE_IT_BROKE(since=minute(since, zone))


@dataclass(frozen=True)
class Repaired:
    """The repair as it was recorded last: by whom, when, and what the equipment needs before it is used again."""

    number: str
    equipment_no: str
    by: int | None
    at: datetime | None
    again: Again | None


def check_back(
    done: Repaired, signer: int, behalf: int | None, calibrated: tuple[datetime, str] | None, evidence: str
) -> None:
    """Refuse to take it back into use: not repaired, by who repaired it, or without the calibration or qualification that it needs.

    `calibrated` is its newest calibration: when, and its result.
    """
    if done.at is None or done.by is None:
        raise NOT_REPAIRED(number=done.number)
    if done.by in (signer, behalf):
        raise ALONE(number=done.number)
    if done.again == "calibration" and (calibrated is None or calibrated[0] < done.at or calibrated[1] != "passed"):
        raise NOT_CALIBRATED(equipment=done.equipment_no)
    if done.again == "qualification" and not evidence.strip():
        raise NOT_QUALIFIED(equipment=done.equipment_no)


@dataclass(frozen=True)
class Out:
    """A time out of use; without an end it lasts."""

    since: datetime
    until: datetime | None


def out_of_use(times: Iterable[Out], since: datetime, until: datetime) -> timedelta:
    """How long of that window the equipment was out of use; times that overlap count once."""
    total, reached = timedelta(0), since
    for one in sorted(times, key=lambda each: each.since):
        begins, ends = max(one.since, reached), min(one.until or until, until)
        if ends > begins:
            total, reached = total + (ends - begins), ends
    return total
