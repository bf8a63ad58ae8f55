"""Effectiveness checks of a recall: how many customers are asked, who is drawn, and what their answers amount to.

21 CFR 7.42(b)(3): level A all, B a stated share above 10 %, C 10 %, D 2 %, E none; part of a customer counts as one
(STANDARDS C 67).  Nobody picks: the draw follows from a seed, the seed from the recall's number and the digest of the
scope that two people have signed, so that anybody can draw again and find the same customers.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from models.kernel.refusal import Kind
from models.kernel.time.reported import told

CLAUSE = "21 CFR 7.42(b)(3)"
NO_LEVEL = Kind(
    "RCK-001",
    CLAUSE,
    "没有有效性检查级别「{level}」，可选 A、B、C、D、E。",
    "There is no level of effectiveness checks “{level}”; choose A, B, C, D or E.",
    422,
)
NO_SHARE = Kind(
    "RCK-002",
    CLAUSE,
    "B 级有效性检查必须写明比例，从 {low} % 到 {high} %。",
    "Level B needs its share, from {low} % to {high} %.",
    422,
)
OTHER_SHARE = Kind(
    "RCK-003",
    CLAUSE,
    "{level} 级的比例是 {share} %，不能另填比例；请选 B 级。",
    "The share of level {level} is {share} %; choose level B for another one.",
    422,
)
NOT_TOLD = Kind(
    "RCK-004",
    CLAUSE,
    "召回 {recall} 还没有通知客户，无从抽样。",
    "No customer of {recall} has been told yet; there is nobody to draw.",
)
DRAWN = Kind(
    "RCK-005",
    CLAUSE,
    "召回 {recall} 的有效性检查已经抽样，不能重抽。",
    "The effectiveness checks of {recall} are drawn already and can't be drawn again.",
)
UNKNOWN = Kind(
    "RCK-006", "DESIGN 2.5", "召回 {recall} 没有这项有效性检查。", "{recall} has no such effectiveness check.", 404
)
HALF = Kind(
    "RCK-007",
    "21 CFR 7.42(b)(3), 7.53(b)(5)",
    "联系上了客户，就要写明谁回答、是否收到通知、是否已照办；没有联系上，就不填这些。没收到通知就不可能已照办。",
    "Where somebody was reached, say who answered, whether the notice came and whether it was acted upon; otherwise say none"
    " of it. Nobody acts upon a notice that never came.",
    422,
)
WHEN = Kind(
    "RCK-008",
    CLAUSE,
    "联系时间 {at} 不在发出通知之后、此刻之前。",
    "The time of the contact, {at}, is not between the notice and now.",
    422,
)

SHARES = {"A": Decimal(100), "C": Decimal(10), "D": Decimal(2), "E": Decimal(0)}
LEVELS = ("A", "B", "C", "D", "E")
LOW, HIGH = Decimal(10), Decimal(100)
"""The limits of level B, in percent."""
CHANNELS = ("visit", "telephone", "email", "letter", "other")


@dataclass(frozen=True)
class Strategy:
    """How many of the customers are asked: the level, and its share in percent."""

    level: str
    share: Decimal


def strategy(level: str, share: Decimal | None = None) -> Strategy:
    """The level (`b` or `B`) with its share; refuses a level without one or with another one."""
    known = level.strip().upper()
    if known not in LEVELS:
        raise NO_LEVEL(level=level[:20])
    if known == "B":
        if share is None or not share.is_finite() or not LOW <= share <= HIGH:
            raise NO_SHARE(low=LOW, high=HIGH)
        return Strategy(known, share)
    if share is not None and share != SHARES[known]:
        raise OTHER_SHARE(level=known, share=SHARES[known])
    return Strategy(known, SHARES[known])


def size(share: Decimal, population: int) -> int:
    """How many of `population` are asked: part of a customer counts as one."""
    return math.ceil(Fraction(share) * population / 100)


def seed(recall_no: str, digest: str) -> str:
    """What the draw starts from: nobody can choose it, everybody can compute it."""
    return sha256(f"{recall_no}|{digest}".encode()).hexdigest()


def draw(seed: str, customers: Collection[str], share: Decimal) -> tuple[str, ...]:
    """The drawn customers (by number): each has a place in a line that only the seed decides, the first are drawn.

    The order in which the customers are given plays no part, and a larger share only adds to a smaller one's draw.
    """
    line = sorted(set(customers), key=lambda customer: (sha256(f"{seed}|{customer}".encode()).digest(), customer))
    return tuple(line[: size(share, len(line))])


@dataclass(frozen=True)
class Attempt:
    """One try to reach a drawn customer."""

    reached: bool
    contacted_at: datetime
    spoken_with: str | None = None
    notice_received: bool | None = None
    acted: bool | None = None


def check_attempt(attempt: Attempt, sent_at: datetime, now: datetime) -> datetime:
    """Refuse half an answer, and a call before the notice or tomorrow; answers when it was."""
    named = bool((attempt.spoken_with or "").strip())
    said = (attempt.notice_received is not None, attempt.acted is not None)
    if (attempt.reached and not (named and all(said))) or (not attempt.reached and (named or any(said))):
        raise HALF()
    if attempt.acted and not attempt.notice_received:
        raise HALF()
    at = told(attempt.contacted_at, sent_at, now)
    if at is None:
        raise WHEN(at=attempt.contacted_at.isoformat(timespec="minutes"))
    return at


def settled(attempts: Iterable[Attempt]) -> Attempt | None:
    """What a customer said last; None while nobody was reached."""
    answers = [one for one in attempts if one.reached]
    return answers[-1] if answers else None


@dataclass(frozen=True)
class Progress:
    """How the checks stand: drawn customers, those who were reached, those who got the notice and acted upon it."""

    drawn: int
    done: int
    effective: int

    @property
    def open(self) -> int:
        """Drawn and not reached yet."""
        return self.drawn - self.done

    @property
    def share(self) -> Decimal | None:
        """Of those reached, how many in a hundred acted upon the notice; None while nobody was reached."""
        return (Decimal(100 * self.effective) / self.done).quantize(Decimal("0.1")) if self.done else None

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        share = None if self.share is None else str(self.share)
        return {
            "drawn": self.drawn,
            "done": self.done,
            "open": self.open,
            "effective": self.effective,
            "effective_percent": share,
        }


def progress(checks: Iterable[Iterable[Attempt]]) -> Progress:
    """How the checks stand, each given by its attempts, the oldest first."""
    answers = [settled(attempts) for attempts in checks]
    done = [one for one in answers if one is not None]
    return Progress(len(answers), len(done), sum(bool(one.notice_received and one.acted) for one in done))
