"""Inbox (requirement 87): what needs *my* decision, ordered by consequence × lateness, and why it is here (89)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from models.release.rules.matrix import OpenPoints
from ui.frame.parts import Amount, Deadline, Option, Pager
from ui.frame.render import Nav
from ui.frame.status import Mark

View = Literal["mine", "claimable", "second", "overdue"]
VIEWS: tuple[View, ...] = ("mine", "claimable", "second", "overdue")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task.  `process` is the word of the work ("放行"), `what` the thing, `why` the definition's step behind it.

    Judging a batch's evidence takes some 20 ms, so a list doesn't wait for it: where `exceptions` is not known yet, the row
    asks `ask_exceptions` for it.
    """

    id: str
    process: str
    item: str
    subject: str
    subject_code: str
    href: str
    subject_href: str
    mark: Mark
    deadline: Deadline | None
    opened_at: datetime
    why: str
    order_why: str
    amount: Amount | None = None
    points: OpenPoints | None = None
    ask_exceptions: str = ""
    second_for_me: bool = False
    first_signed_by: str = ""
    facts: str = ""
    assignee: str = ""
    others: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()
    can_claim: bool = False
    cannot: str = ""
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPage:
    """The whole inbox.  Partial: `inbox/list.html`, refreshed when the stream says other counts than `seen` (`live.js`)."""

    template: ClassVar[str] = "inbox/inbox.html"
    nav: ClassVar[Nav | None] = "inbox"

    view: View
    counts: dict[View, int]
    rows: tuple[TaskRow, ...]
    pager: Pager
    list_href: str
    seen: str = ""
    processes: tuple[Option, ...] = ()
    process: str = ""
    items: tuple[Option, ...] = ()
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionCount:
    """How many exceptions a batch's evidence has and how much nobody could check: the answer to one row."""

    template: ClassVar[str] = "release/exception_count.html"
    nav: ClassVar[Nav | None] = "inbox"

    points: OpenPoints
