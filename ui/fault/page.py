"""The operator's page: acts that ended in a fault, facts that can't be delivered, what became of the last ones; the clocks."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import FormField
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    """One act; `what` and `why` in words, `detail` as the machine wrote it."""

    number: int
    what: str
    subject: str
    who: str
    why: str
    error: str
    detail: str
    build: str
    tries: int
    at: datetime
    last_at: datetime
    retry_href: str = ""
    dismiss_href: str = ""
    key: str = ""
    outcome: str = ""
    outcome_tone: str = ""
    note: str = ""
    settled_at: datetime | None = None
    settled_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeliveredRow:
    """One fact."""

    what: str
    subject: str
    error: str
    attempts: int
    at: datetime
    retry_href: str
    dismiss_href: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksRow:
    """When the clocks of record and engine were found apart, or in agreement again."""

    at: datetime
    says: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestClock:
    """A test home's clock: where it is, where it is on its way to, and the form that moves it."""

    now: datetime
    target: datetime | None
    reason: str
    href: str
    key: str
    fields: tuple[FormField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPage:
    """What waits for an operator; the lists end at `most` rows, the counts are whole."""

    template: ClassVar[str] = "fault/faults.html"
    nav: ClassVar[Nav | None] = "admin"

    faults: int
    undelivered: int
    waiting: int
    most: int
    rows: tuple[FaultRow, ...] = ()
    facts: tuple[UndeliveredRow, ...] = ()
    settled: tuple[FaultRow, ...] = ()
    clocks: str = ""
    clocks_tone: str = ""
    clocks_refusal: Refusal | None = None
    differences: tuple[ClocksRow, ...] = ()
    clock: TestClock | None = None
    refusal: Refusal | None = None
