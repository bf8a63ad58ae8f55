"""Co-exposure (requirement 20): what else met a thing in a window; lots first, then machines and people, then every reason.

Counts and exports are never cut, only the rows on screen.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Amount, Link, LotRef
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class MetLot:
    """A lot that was there: how often, from when till when, in which roles."""

    lot: LotRef
    times: int
    first_at: datetime
    last_at: datetime | None
    roles: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetThing:
    """A machine, person, room or load that was there."""

    sort: str
    number: str
    name: str
    times: int
    first_at: datetime
    last_at: datetime | None
    roles: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One row of the answer: who or what, when, and why."""

    sort: str
    number: str
    starts_at: datetime
    ends_at: datetime | None
    instant: bool
    why: str
    amount: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed: days, and times of day where a part of a day is meant."""

    of: str = ""
    day: str = ""
    time: str = ""
    to_day: str = ""
    to_time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposurePage:
    """The form and, once something was asked, the answer; `answered` is false before and after a refusal."""

    template: ClassVar[str] = "exposure/exposure.html"
    nav: ClassVar[Nav | None] = "trace"

    asked: Asked
    refusal: Refusal | None = None
    choices: tuple[Link, ...] = ()
    answered: bool = False
    title: str = ""
    since: datetime | None = None
    until: datetime | None = None
    counts: tuple[tuple[str, int], ...] = ()
    digest: str = ""
    lots: tuple[MetLot, ...] = ()
    others: tuple[MetThing, ...] = ()
    reasons: tuple[Reason, ...] = ()
    more_lots: int = 0
    more_others: int = 0
    more_reasons: int = 0
    exports: tuple[Link, ...] = ()
    trace_href: str = ""
    recall_href: str = ""
