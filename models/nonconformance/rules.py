"""Nonconformances and deviations: what opens one, and what closes it (ISO 13485 8.3; STANDARDS N 42-47).

A nonconformance is a product that does not meet its requirement; a deviation is work that was not done as the order asks.
Both hold the release of their batch until a person of quality has decided, with a cause, an owner and a signature: neither
a later inspection that passes nor a typed reason closes one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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

PROCESS = "nonconformance"
STAGE = "decide"
ACCEPT, UNFOUNDED, REWORK, REJECT = "accept", "unfounded", "rework", "reject"
SETTLED = frozenset({ACCEPT, UNFOUNDED})
"""Decisions after which the batch may be released as it is."""
OLD_DECISIONS = {"accepted": "accept", "rejected": "reject"}
"""How rows of before said it."""


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
