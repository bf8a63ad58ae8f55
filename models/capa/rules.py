"""CAPA: what is planned, when it has helped, and what keeps it open (ISO 13485 8.5.2, 8.5.3; MDR 10(9)(l); STANDARDS P 49-52).

What is to be measured, of what, and which value is good enough is fixed by a signature before there is anything to measure: the count
begins after the actions were verified, and nobody chooses the limit when the figure is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Literal

from models.kernel.refusal import Kind

CLAUSE = "ISO 13485 8.5.2, 8.5.3"
EFFECT = "ISO 13485 8.5.2 f); MDR 10(9)(l)"
NO_TITLE = Kind("CAP-001", CLAUSE, "请写明问题是什么。", "Say what the problem is.", 422)
NO_FINDING = Kind("CAP-002", CLAUSE, "找不到不合格「{number}」。", "There is no nonconformance “{number}”.", 404)
NO_ITEM = Kind("CAP-003", CLAUSE, "找不到{zh}「{number}」。", "There is no {en} “{number}”.", 404)
TOO_SOON = Kind(
    "CAP-004",
    EFFECT,
    "复测日期 {day} 太早：应在最后一项措施到期日 {due} 之后。",
    "{day} is too early to measure again: the last action is due on {due}.",
    422,
)
NO_LIMIT = Kind("CAP-005", EFFECT, "「{zh}」的判定值不能小于 0。", "The limit of “{en}” can't be below 0.", 422)
NO_CHARACTERISTIC = Kind(
    "CAP-006",
    EFFECT,
    "平均值要写明检验特性，且已有这样的特性；找不到「{name}」。",
    "A mean is of a characteristic that is inspected; there is none called “{name}”.",
    422,
)
ADVERSE = Kind(
    "CAP-007",
    "ISO 13485 8.5.2 e)",
    "尚未确认措施没有不良影响：请确认，或退回计划。",
    "It isn't confirmed that the actions have no adverse effect: confirm it, or go back to the plan.",
    422,
)
NOT_PROVEN = Kind(
    "CAP-008",
    EFFECT,
    "{number} 不能关闭：尚未证明措施有效。",
    "{number} can't be closed: it isn't proven that it was effective.",
)
FINDINGS_OPEN = Kind(
    "CAP-009",
    CLAUSE,
    "{number} 不能关闭：关联的不合格 {open} 尚未决定。",
    "{number} can't be closed: nonconformance {open}, to which it is tied, isn't decided yet.",
)
NO_DAY = Kind("CAP-010", CLAUSE, "请写明要延到哪一天。", "Say to which day it is to be extended.", 422)
NOT_LATER = Kind(
    "CAP-011",
    CLAUSE,
    "延期日 {day} 应晚于原来的 {due}，且不早于今天。",
    "{day} must be later than {due}, and not before today.",
    422,
)
NO_ACTION = Kind("CAP-012", CLAUSE, "计划里至少要有一项措施。", "A plan has one action at least.", 422)
PAST = Kind(
    "CAP-013",
    CLAUSE,
    "措施「{title}」的到期日 {day} 已过。",
    "The action “{title}” is due on {day}, which has passed.",
    422,
)
FIXED = Kind(
    "CAP-014",
    EFFECT,
    "{number} 的有效性标准已签名确定，不能再改。",
    "The criterion of {number} was fixed by a signature and doesn't change any more.",
)
TOO_LATE = Kind(
    "CAP-015",
    EFFECT,
    "{number} 的复测日期 {day} 已到，验证之后没有时间可看效果；请退回，重新计划。",
    "{day}, on which {number} is measured, has come: nothing would be left to measure. Send it back and plan anew.",
)
ENDED = Kind(
    "CAP-016",
    CLAUSE,
    "{number} 已结束，其涉及的批次不能再改。",
    "{number} has ended: which batches it was about doesn't change any more.",
)
NO_REASON = Kind("CAP-017", CLAUSE, "请写明理由。", "Say why.", 422)
IN_SCOPE = Kind("CAP-018", CLAUSE, "{number} 已涉及批次 {lot}。", "{number} is about batch {lot} already.")
NOT_IN_SCOPE = Kind(
    "CAP-019",
    CLAUSE,
    "批次 {lot} 不是由人员加入 {number} 的。",
    "Batch {lot} wasn't added to {number} by anybody.",
    404,
)
NO_CASE = Kind(
    "CAP-020", CLAUSE, "找不到不合格或 CAPA「{number}」。", "There is no nonconformance or CAPA “{number}”.", 404
)
ITSELF = Kind("CAP-021", CLAUSE, "{number} 就是它自己。", "{number} is the case itself.", 422)
LINKED = Kind("CAP-022", CLAUSE, "{number} 与 {like} 已关联。", "{number} and {like} are linked already.")
NO_RUN = Kind(
    "CAP-023",
    CLAUSE,
    "{number} 没有自己的流程，不能从它关联；请从另一个事项关联。",
    "{number} has no process to tie anything to; do it from the other case.",
)
UNKNOWN = Kind("CAP-404", "DESIGN 2.5", "找不到 CAPA「{number}」。", "There is no CAPA “{number}”.", 404)

PROCESS = "capa"
ACTION = "capa-action"


class Measure(StrEnum):
    """What of the record is measured: how many findings, which share of inspections failed, or the mean of a characteristic."""

    FINDINGS = "findings"
    FAILED_SHARE = "failed_share"
    MEAN = "mean"


class Result(StrEnum):
    """What a measurement says."""

    EFFECTIVE = "effective"
    FAILED = "failed"
    NO_DATA = "no_data"


Direction = Literal["at_most", "at_least"]
Way = Literal["forward", "backward", "both"]
"""Whether what was made of a batch is meant, what went into it, or both."""
ALIKE = {"lot": 3, "machine": 2, "shift": 2, "mode": 2, "cause": 2, "supplier": 1, "item": 1}
"""By what a case is like another, and how much that says: the same batch, machine, person on the same day, failure mode (the rule that found
it), class of cause, supplier or item (REQUIREMENTS 44)."""
LIKELY = 2
"""What is proposed: the same supplier or the same item alone is chance."""
PLACES = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """What is good enough: the measure, on which side of the limit, and how many inspections or values it takes to say so.

    The limit of a share is in percent, that of a mean in the unit of its characteristic, that of findings a count.
    """

    measure: Measure
    direction: Direction
    limit: Decimal
    least: int = 1


def share(failed: int, of: int) -> Decimal | None:
    """How many of a hundred inspections failed, to six places; None where there was none."""
    return (Decimal(failed * 100) / of).quantize(PLACES, ROUND_HALF_EVEN) if of else None


def mean(values: Sequence[Decimal]) -> Decimal | None:
    """The arithmetic mean, to six places; None of nothing."""
    return (sum(values, Decimal(0)) / len(values)).quantize(PLACES, ROUND_HALF_EVEN) if values else None


def judge(criterion: Criterion, value: Decimal | None, observed: int) -> Result:
    """What was measured against what was fixed before.

    Findings are counted where there are none too; a share or a mean of fewer than `least` says nothing.
    """
    if criterion.measure is not Measure.FINDINGS and (value is None or observed < criterion.least):
        return Result.NO_DATA
    found = value or Decimal(0)
    good = found <= criterion.limit if criterion.direction == "at_most" else found >= criterion.limit
    return Result.EFFECTIVE if good else Result.FAILED


def check_plan(criterion: Criterion, measured_on: date, actions: Sequence[tuple[str, date]], today: date) -> None:
    """Refuse a plan without an action, of days that have passed, or that is measured before its actions are due."""
    if not actions:
        raise NO_ACTION()
    for title, due in actions:
        if due < today:
            raise PAST(title=title[:80], day=due.isoformat())
    last = max(due for _, due in actions)
    if measured_on <= last:
        raise TOO_SOON(day=measured_on.isoformat(), due=last.isoformat())
    if criterion.measure is not Measure.MEAN and criterion.limit < 0:
        raise NO_LIMIT(zh="次数或比例", en="a count or share")


def check_extension(until: date | None, due: date, today: date) -> date:
    """The day to which an action is extended; refuses none, or one that isn't later."""
    if until is None:
        raise NO_DAY()
    if until <= due or until < today:
        raise NOT_LATER(day=until.isoformat(), due=due.isoformat())
    return until


def check_verified(number: str, measured_on: date, today: date, *, no_adverse_effect: bool) -> None:
    """Refuse to verify what may do harm, or when the day of measuring has come: a time in which nothing can happen proves nothing."""
    if not no_adverse_effect:
        raise ADVERSE()
    if today >= measured_on:
        raise TOO_LATE(number=number, day=measured_on.isoformat())


def check_scope(number: str, status: str, reason: str) -> None:
    """Refuse to change what an ended case was about, and to change anything without a reason."""
    if status != "open":
        raise ENDED(number=number)
    if not reason.strip():
        raise NO_REASON()


def check_closing(number: str, proven: bool, open_findings: Sequence[str]) -> None:
    """Refuse to close what hasn't been shown to be effective, or while something that it is tied to is undecided."""
    if not proven:
        raise NOT_PROVEN(number=number)
    if open_findings:
        raise FINDINGS_OPEN(number=number, open=", ".join(open_findings))


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """The time that a measurement looks at: from the verification of the actions until it is measured."""

    since: datetime
    until: datetime
