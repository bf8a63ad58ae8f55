"""The trace health check (requirement 26): score and trend, families with the worst first, then what stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Link, Pager
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One check in the trend; `y` and `height` in a picture of 100."""

    at: datetime
    score: int
    x: int
    y: int
    height: int
    marked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRow:
    """An item family."""

    family: str
    lots: int
    gap: int
    balance: int
    doubt: int
    score: int
    change: int | None
    href: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """How often a kind of finding stands."""

    code: str
    text: str
    severity: str
    many: int
    href: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding that stands."""

    code: str
    text: str
    severity: str
    lot: Link
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceHealthPage:
    """The newest check; `at` is None before the first one."""

    template: ClassVar[str] = "health/health.html"
    nav: ClassVar[Nav | None] = "trace"

    at: datetime | None = None
    score: int = 100
    lots: int = 0
    edges: int = 0
    findings: int = 0
    appeared: int = 0
    cleared: int = 0
    seconds: str = ""
    asked_by: str = ""
    trend: tuple[Bar, ...] = ()
    trend_width: int = 0
    families: tuple[FamilyRow, ...] = ()
    codes: tuple[CodeRow, ...] = ()
    rows: tuple[FindingRow, ...] = ()
    pager: Pager | None = None
    all_href: str = ""
    can_check: bool = False
    refusal: Refusal | None = None
    command_key: str = ""
