"""May this operation be recorded: order of steps, qualified people, calibrated equipment, approved method.

Serves REQUIREMENTS 58-60; ISO 13485 6.2, 7.5.1, 7.6; 21 CFR 11.10(f).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from models.kernel.refusal import Kind

UNKNOWN_ORDER = Kind("OPR-001", "DESIGN 2.5", "找不到生产订单「{order}」。", "There is no work order “{order}”.", 404)
UNKNOWN_STEP = Kind(
    "OPR-002", "21 CFR 820.70", "生产订单 {order} 没有工序 {seq}。", "Work order {order} has no operation {seq}.", 404
)
OUT_OF_ORDER = Kind(
    "OPR-003",
    "21 CFR 11.10(f)",
    "工序 {seq} 之前还有工序 {missing}「{title_zh}」没有完成。",
    "Operation {missing} “{title_en}” comes before {seq} and is not done.",
)
DONE_ALREADY = Kind("OPR-004", "21 CFR 11.10(f)", "工序 {seq} 已经记录过。", "Operation {seq} is recorded already.")
CLOSED_ORDER = Kind("OPR-005", "21 CFR 11.10(f)", "生产订单 {order} 已完工。", "Work order {order} is finished.")
NOT_QUALIFIED = Kind(
    "OPR-006",
    "ISO 13485 6.2; 21 CFR 11.10(i)",
    "{person} 没有有效的「{skill}」资格，不能操作此工序。",
    "{person} holds no valid qualification “{skill}” for this operation.",
    403,
)
NO_PERSON = Kind("OPR-007", "21 CFR 820.184", "必须写明操作人。", "Name the person who did it.", 422)
NO_EQUIPMENT = Kind("OPR-008", "ISO 13485 7.5.1", "此工序需要一台「{kind}」。", "This operation needs a “{kind}”.", 422)
BAD_PERIOD = Kind(
    "OPR-009", "ALCOA+", "结束时间早于开始时间，或在将来。", "The end lies before the start, or in the future.", 422
)
NO_ENVIRONMENT = Kind(
    "OPR-010", "ISO 13485 6.4.1", "此工序必须记录环境数据。", "This operation needs an environment reading.", 422
)
NO_ROOM = Kind(
    "OPR-017", "ISO 13485 6.4.1", "有环境数据时必须写明房间。", "An environment reading needs its room.", 422
)
TOO_MUCH = Kind(
    "OPR-011",
    "DESIGN 6",
    "产出 {produced} 加报废 {scrapped} 超过订单数量 {planned}。",
    "Produced {produced} plus scrapped {scrapped} is more than the order's {planned}.",
    422,
)
MORE_THAN_REWORKED = Kind(
    "OPR-030",
    "ISO 13485 8.3.4; REQ 7",
    "返工只投入 {there}，不能产出 {produced}。",
    "Only {there} went into the rework; {produced} can't come out of it.",
    422,
)
NOTHING_MADE = Kind(
    "OPR-012", "21 CFR 820.184", "完工时必须写明产出数量。", "Say how much was made when you finish.", 422
)

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Step:
    """A planned operation and whether it has been done."""

    seq: int
    title_zh: str
    title_en: str
    done: bool
    qualification: str | None = None
    equipment_kind: str | None = None
    environment: bool = False


@dataclass(frozen=True)
class Skill:
    """A qualification of a person."""

    id: int
    code: str
    valid_from: datetime
    valid_until: datetime | None


def check_sequence(order: str, steps: Iterable[Step], seq: int) -> Step:
    """The step to record; every earlier one must be done, and it must not be done itself."""
    planned = sorted(steps, key=lambda step: step.seq)
    wanted = next((step for step in planned if step.seq == seq), None)
    if wanted is None:
        raise UNKNOWN_STEP(order=order, seq=seq)
    if wanted.done:
        raise DONE_ALREADY(seq=seq)
    for step in planned:
        if step.seq < seq and not step.done:
            raise OUT_OF_ORDER(seq=seq, missing=step.seq, title_zh=step.title_zh, title_en=step.title_en)
    return wanted


def check_person(name: str, needed: str | None, skills: Iterable[Skill], at: datetime) -> Skill | None:
    """The qualification that allows the work at the time of work, or a refusal."""
    if needed is None:
        return None
    for skill in skills:
        in_force = skill.valid_from <= at and (skill.valid_until is None or at < skill.valid_until)
        if skill.code == needed and in_force:
            return skill
    raise NOT_QUALIFIED(person=name, skill=needed)


def check_period(started: datetime, finished: datetime, now: datetime) -> None:
    """Refuse work that ended before it began, or that lies in the future by more than a clock may differ."""
    if finished < started or finished > now + CLOCK_SKEW:
        raise BAD_PERIOD()


def check_kinds(step: Step, kinds: Iterable[str], *, readings: int) -> None:
    """Refuse a record without the machine or the environment reading that the step asks for."""
    if step.equipment_kind is not None and step.equipment_kind not in set(kinds):
        raise NO_EQUIPMENT(kind=step.equipment_kind)
    if step.environment and readings == 0:
        raise NO_ENVIRONMENT()


def check_yield(planned: Decimal, produced: Decimal, scrapped: Decimal, *, finish: bool) -> None:
    """Refuse to make more than was ordered, or to finish with nothing."""
    if produced < 0 or scrapped < 0 or produced + scrapped > planned:
        raise TOO_MUCH(
            **{
                name: f"{value.normalize():f}"
                for name, value in (("produced", produced), ("scrapped", scrapped), ("planned", planned))
            }
        )
    if finish and produced <= 0:
        raise NOTHING_MADE()


def check_rework(there: Decimal, produced: Decimal) -> None:
    """Refuse a rework that yields more than went into it; what is missing afterwards is scrap (REQUIREMENTS 7)."""
    if produced > there:
        raise MORE_THAN_REWORKED(there=f"{there.normalize():f}", produced=f"{produced.normalize():f}")
