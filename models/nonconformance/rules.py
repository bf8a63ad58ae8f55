"""Nonconformances and deviations: what opens one, and what closes it (ISO 13485 8.3; STANDARDS N 42-47).

A nonconformance is a product that does not meet its requirement; a deviation is work that was not done as the order asks.
Both hold the release of their batch until a person of quality has decided, with a cause, an owner and a signature: neither
a later inspection that passes nor a typed reason closes one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from models.kernel.refusal import Kind

CLAUSE = "ISO 13485 8.3.1, 8.3.2"
NO_CAUSE = Kind(
    "NCR-001",
    "ISO 13485 8.3.1, 8.5.2",
    "不合格 {number} 的原因必须写明。",
    "Name the cause of nonconformance {number}.",
    422,
)
NO_OWNER = Kind(
    "NCR-002",
    "ISO 13485 8.3.1",
    "找不到责任人「{owner}」，请填写在职人员的登录名。",
    "There is nobody active with the login “{owner}” to own this.",
    422,
)
REQUIREMENTS = Kind(
    "NCR-003",
    "ISO 13485 8.3.2",
    "不符合法规要求的产品不能让步接收：请确认「仍符合适用的法规要求」，或选择其他结论。",
    "Product that doesn't meet regulatory requirements can't be accepted: confirm that they are met, or decide otherwise.",
)
STILL_OPEN = Kind(
    "NCR-004",
    "ISO 13485 8.3.1, 8.3.2",
    "批次 {lot} 还有未决定的不合格：{numbers}。请先由质量批准人作出决定。",
    "Batch {lot} has nonconformances without a decision: {numbers}. A QA approver decides on them first.",
)

REJECTED = Kind(
    "NCR-005",
    "ISO 13485 8.3.2",
    "批次 {lot} 的不合格 {numbers} 已决定拒收，检验不能再判为合格；请判为不合格。",
    "Nonconformance {numbers} of batch {lot} was decided as a rejection: its inspection can't be accepted any more.",
)

ALONE = Kind(
    "NCR-006",
    "ISO 13485 8.3.2",
    "严重不合格 {number} 的让步接收须由第二人批准。",
    "Accepting the critical nonconformance {number} takes a second person.",
)

UNKNOWN = Kind("NCR-404", "DESIGN 2.5", "找不到不合格「{number}」。", "There is no nonconformance “{number}”.", 404)
NO_TITLE = Kind("NCR-007", CLAUSE, "请写明发现了什么。", "Say what was found.", 422)
ABOUT_NOTHING = Kind(
    "NCR-008",
    CLAUSE,
    "请指明涉及的批次；尚无批次时，请指明物料、供应商或库位。",
    "Name the batch that it concerns, or where there is none yet the item, the supplier or the place.",
    422,
)
NO_GOODS = Kind(
    "NCR-009",
    CLAUSE,
    "写明隔离数量时，须指明是哪个批次或物料。",
    "With a quantity that was set apart, name the batch or the item.",
    422,
)
TOO_MUCH = Kind(
    "NCR-010",
    CLAUSE,
    "隔离数量 {quantity} {uom} 无效：应大于 0，且不超过批次 {lot} 的 {most} {uom}。",
    "{quantity} {uom} can't be set apart: it is more than 0 and no more than the {most} {uom} of batch {lot}.",
    422,
)
NOT_SO_MUCH = Kind(
    "NCR-011",
    CLAUSE,
    "隔离数量 {quantity} {uom} 无效：应大于 0。",
    "{quantity} {uom} can't be set apart: it is more than 0.",
    422,
)
NO_SUPPLIER = Kind("NCR-012", CLAUSE, "找不到供应商「{supplier}」。", "There is no supplier “{supplier}”.", 404)
OTHER_ITEM = Kind(
    "NCR-014", CLAUSE, "批次 {lot} 不是该物料，请核对。", "Batch {lot} is of another item; look again.", 422
)
OTHER_SUPPLIER = Kind(
    "NCR-015", CLAUSE, "批次 {lot} 不是该供应商的，请核对。", "Batch {lot} is from another supplier; look again.", 422
)
HAPPENED_WHEN = Kind(
    "NCR-013",
    "ALCOA+",
    "发生时间 {at} 不可能：在将来，或距今超过 {days} 天。",
    "It can't have happened at {at}: that lies in the future, or more than {days} days back.",
    422,
)

PROCESS = "material-review"
OF_BATCH = "nonconformance"
"""The process of before, which was about the batch; what it began goes on by it."""
ACCEPT, UNFOUNDED, REWORK, REJECT = "accept", "unfounded", "rework", "reject"
RETURN, SCRAP, SORT = "return", "scrap", "sort"
SETTLED = frozenset({ACCEPT, UNFOUNDED})
"""Decisions after which the batch may be released as it is."""
WORKED_ON = frozenset({REWORK, SORT})
"""Decisions after which it may be released once it was worked on again."""
AGAINST = frozenset({REJECT, RETURN, SCRAP})
"""Decisions after which the goods are not accepted any more."""
OLD_DECISIONS = {"accepted": "accept", "rejected": "reject"}
"""How rows of before said it."""


class Severity(StrEnum):
    """How grave it is."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


Source = Literal["inspection", "operation", "record", "load", "equipment", "count", "return", "hand"]
"""By what it was found: a failed inspection, an operation, the record of a batch as a whole, a sterilisation load, an instrument out of
tolerance, a count, a return, or a person."""


def severity(kind: str, *, delivered: bool) -> Severity:
    """What it is by rule: critical where goods of the batch have left the house, a deviation minor, anything else major.

    ISO 13485 8.3.3: what is found after delivery is acted on according to its effects, which nobody knows yet.
    """
    if delivered:
        return Severity.CRITICAL
    return Severity.MINOR if kind == "deviation" else Severity.MAJOR


def needs_two(severity_: str, outcome: str | None) -> bool:
    """Whether a second person signs before it is settled."""
    return severity_ == Severity.CRITICAL and outcome == ACCEPT


@dataclass(frozen=True)
class Finding:
    """What is wrong, in both languages, with value and limit where there are numbers.

    `code` is the rule that found it, `about` tells findings of one rule apart (`op10/1/温度`): the same finding opens one
    deviation only.
    """

    code: str
    about: str
    zh: str
    en: str
    value: str = ""
    limit: str = ""
    kind: Literal["deviation", "nonconformance"] = "deviation"


def graver(by_rule: Severity, said: Severity | None) -> Severity:
    """What somebody says it is, where that is graver than the rule has it; never less."""
    order = list(Severity)
    return max(by_rule, said or by_rule, key=order.index)


def check_raised(title: str, about: Iterable[str | None]) -> None:
    """Refuse what says nothing, or is about nothing."""
    if not title.strip():
        raise NO_TITLE()
    if not any(one and one.strip() for one in about):
        raise ABOUT_NOTHING()


def check_same(lot_no: str, *, other_item: bool, other_supplier: bool) -> None:
    """Refuse an item or supplier that the batch isn't of: nothing that was said is quietly dropped."""
    if other_item:
        raise OTHER_ITEM(lot=lot_no)
    if other_supplier:
        raise OTHER_SUPPLIER(lot=lot_no)


def check_set_apart(quantity: Decimal, uom: str, lot: tuple[str, Decimal] | None) -> None:
    """Refuse to set apart nothing, or more than there ever was of the batch (`lot`: its number and quantity)."""
    said = f"{quantity:f}"
    if lot is not None and not 0 < quantity <= lot[1]:
        raise TOO_MUCH(quantity=said, uom=uom, lot=lot[0], most=f"{lot[1].normalize():f}")
    if quantity <= 0:
        raise NOT_SO_MUCH(quantity=said, uom=uom)


SPAN = timedelta(days=30)
"""Within how long findings of one cause are a pattern and no chance (REQUIREMENTS 44; STANDARDS P 52)."""


def together(moments: Collection[datetime], one: datetime) -> tuple[datetime, datetime, int]:
    """The stretch of at most `SPAN` around `one` in which most of `moments` lie: its first and last, and how many.

    `one` is among the moments.  Of several stretches with as many the earliest, so it doesn't matter in which order they were told.
    """
    near = sorted(at for at in moments if abs(at - one) <= SPAN)
    best = (one, one, 1)
    for number, first in enumerate(near):
        if first > one:
            break
        within = [at for at in near[number:] if at - first <= SPAN]
        if within[-1] >= one and len(within) > best[2]:
            best = (first, within[-1], len(within))
    return best


def linked(moments: Collection[datetime], one: datetime) -> tuple[datetime, datetime]:
    """From when to when findings of one cause belong to that of `one`: each within `SPAN` of the next.

    So findings that one CAPA is for are the same whichever of them was decided on last.
    """
    first = last = one
    for at in sorted((at for at in moments if at < one), reverse=True):
        if first - at > SPAN:
            break
        first = at
    for at in sorted(at for at in moments if at > one):
        if at - last > SPAN:
            break
        last = at
    return first, last


def check_decision(number: str, outcome: str | None, form: Mapping[str, Any]) -> None:
    """Refuse a decision without its cause, or an acceptance of what the law does not accept."""
    if not str(form.get("cause") or "").strip():
        raise NO_CAUSE(number=number)
    if outcome == ACCEPT and form.get("requirements_met") is not True:
        raise REQUIREMENTS()


def check_decided(lot_no: str, numbers: tuple[str, ...], rejected: tuple[str, ...] = ()) -> None:
    """Refuse to let a batch go on whose nonconformances nobody has decided on, or somebody against it."""
    if numbers:
        raise STILL_OPEN(lot=lot_no, numbers=", ".join(numbers))
    if rejected:
        raise REJECTED(lot=lot_no, numbers=", ".join(rejected))
