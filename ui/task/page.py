"""Task: any step of any definition as a form (requirement 58), with claim, hand back and delegate (89).

Release and inspection steps have pages of their own; this one serves every other step a process owner invents.
"""

from dataclasses import dataclass
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import (
    Deadline,
    Draft,
    Fact,
    FormField,
    Link,
    LotRef,
    Option,
    RecallBand,
    SignatureLine,
    SignaturePanel,
)
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHead:
    """What all task pages show first: what it is, whose it is, until when, why it is here."""

    id: str
    title: str
    process: str
    why: str
    mark: Mark
    lot: LotRef | None = None
    recall: Link | None = None
    subject: Link | None = None
    band: RecallBand | None = None
    drill: bool = False
    deadline: Deadline | None = None
    assignee: str = ""
    law: str = ""
    can_claim: bool = False
    can_release: bool = False
    delegates: tuple[Option, ...] = ()
    process_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """The form; `blocked` answers "why can't I?" before anything is typed, `refusal` after it was refused."""

    template: ClassVar[str] = "task/task.html"
    nav: ClassVar[Nav | None] = "inbox"

    head: TaskHead
    facts: tuple[Fact, ...] = ()
    fields: tuple[FormField, ...] = ()
    outcomes: FormField | None = None
    reason: FormField | None = None
    signature: SignaturePanel | None = None
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
    done: bool = False
    answers: tuple[Fact, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    record: tuple[Fact, ...] = ()
    """What is signed, entry by entry, where its noun shows nothing of it itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsPart:
    """What a field offers for what was typed so far."""

    template: ClassVar[str] = "frame/options.html"
    nav: ClassVar[Nav | None] = "inbox"

    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftState:
    """What the draft saver swaps in: when the text was kept."""

    template: ClassVar[str] = "task/draft_state.html"
    nav: ClassVar[Nav | None] = "inbox"

    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPage:
    """An act that has not answered yet (API-202): the page asks again and never sends the act again by itself."""

    template: ClassVar[str] = "task/recording.html"
    nav: ClassVar[Nav | None] = "inbox"

    head: TaskHead | None = None
    ask_href: str
    form_href: str
    title: str = ""
    """What is being recorded, where it is no task: a recall that opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningPage(RecordingPage):
    """A recall that is being opened: the same waiting, in the place where the recall will stand."""

    nav: ClassVar[Nav | None] = "recalls"
