"""Recalls and drills in a list, the score of drills over time, and the form that opens one (REQUIREMENTS 74, 81, 82)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from models.kernel.refusal import Refusal
from ui.frame.parts import Deadline, Draft, FormField, Pager
from ui.frame.render import Nav
from ui.frame.status import Mark

Mode = Literal["", "recall", "drill"]
MODES: tuple[Mode, ...] = ("", "recall", "drill")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRow:
    """One recall or drill; `deadline` is the next legal clock that still runs, `points` the score of a finished one."""

    number: str
    href: str
    title: str
    mark: Mark
    drill: bool
    at: datetime
    stage: str = ""
    level: str = ""
    lots: int = 0
    customers: int = 0
    complete: bool = True
    balanced: bool = True
    deadline: Deadline | None = None
    points: int | None = None
    uncontained: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A finished drill in the trend: where its column stands in the picture and how high it is."""

    number: str
    href: str
    points: int
    at: datetime
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallsPage:
    """All recalls and drills, newest first; `trend` is oldest first and only there where drills were scored."""

    template: ClassVar[str] = "recall/recalls.html"
    nav: ClassVar[Nav | None] = "recalls"

    rows: tuple[RecallRow, ...] = ()
    mode: Mode = ""
    can_open: bool = False
    trend: tuple[Bar, ...] = ()
    trend_width: int = 0
    pager: Pager | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeEntry:
    """An entry of a pasted notice and what the register knows of it."""

    label: str
    items: str
    known: bool
    said: str
    first: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeQuestion:
    """What only a person can answer, with the readings that are possible."""

    text: str
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRead:
    """A pasted notice as it was understood; tables are cut, the counts are whole."""

    lots: int
    entries: tuple[NoticeEntry, ...]
    entries_total: int
    questions: tuple[NoticeQuestion, ...]
    questions_total: int
    unknown: int
    confirm: FormField | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecallPage:
    """The form that opens a recall or a drill; `blocked` says who may before anything is typed."""

    template: ClassVar[str] = "recall/new.html"
    nav: ClassVar[Nav | None] = "recalls"

    fields: tuple[FormField, ...]
    notice: FormField
    draft: Draft
    command_key: str
    intake: NoticeRead | None = None
    refusal: Refusal | None = None
    blocked: Refusal | None = None
