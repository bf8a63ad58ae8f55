"""The calendar of recall drills: what is planned, what came, what was missed, why it was drawn, and the trend (REQ 81)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from ui.frame.render import Nav
from ui.frame.status import Mark
from ui.recall.page.list import Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRow:
    """A drill in its quarter."""

    number: str
    href: str
    title: str
    drawn: str
    by_hand: str
    at: datetime
    points: int | None = None
    took: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """A quarter with its window; `why` says what was in the way of a drill that didn't come."""

    name: str
    first: date
    last: date
    mark: Mark
    drills: tuple[DrillRow, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillsPage:
    """Newest quarter first, the planned ones on top; the trend is oldest first."""

    template: ClassVar[str] = "drill/drills.html"
    nav: ClassVar[Nav | None] = "recalls"

    quarters: tuple[Quarter, ...]
    earlier: int
    done: int
    missed: int
    can_open: bool = False
    trend: tuple[Bar, ...] = ()
    trend_width: int = 0
