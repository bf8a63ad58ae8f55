"""What was measured out of tolerance, on one page: what was found, and each result with its decision, made in place."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Fact, FormField, Link, Pager, SignaturePanel
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultLine:
    """A result or an operation: its batch, what was measured or done, and what was decided; it can be chosen while it is open."""

    seq: int
    lot: Link
    what: str
    which: str
    value: str
    passed: Mark | None
    at: datetime
    instrument: str
    decision: str = ""
    decided: str = ""
    finding: str = ""
    began: datetime | None = None
    chosen: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a decision would do, before it is signed."""

    text: str
    held: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentPage:
    """The assessment; `signature` is there for whoever may decide now."""

    template: ClassVar[str] = "calibration/assessment.html"
    nav: ClassVar[Nav | None] = "quality"

    number: str
    title: str
    subject: Link
    mark: Mark
    facts: tuple[Fact, ...]
    filters: tuple[tuple[Link, bool], ...]
    rows: tuple[ResultLine, ...]
    undecided: int
    pager: Pager
    action: str
    paper_href: str
    task: Link | None = None
    fields: tuple[FormField, ...] = ()
    signature: SignaturePanel | None = None
    preview: Preview | None = None
    refusal: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """An instrument whose calibration is brought into the inbox."""

    template: ClassVar[str] = "calibration/ask.html"
    nav: ClassVar[Nav | None] = "quality"

    facts: tuple[Fact, ...]
    action: str
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    command_key: str = ""
