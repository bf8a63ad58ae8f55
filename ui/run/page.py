"""A run of any process: where it stands, who did what, whose turn it is, by when (REQUIREMENTS 87-89; SCREENS)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from markupsafe import Markup

from ui.fact.page import FactRow
from ui.frame.parts import Deadline, Fact, KeptFile, Link, SignatureLine
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One thing that was or is to be done: who, what came of it, what was answered."""

    title: str
    href: str
    mark: Mark
    who: str = ""
    outcome: str = ""
    reason: str = ""
    at: datetime | None = None
    deadline: Deadline | None = None
    escalated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KinRow:
    """A run that this one is part of, or that is part of it."""

    title: str
    href: str
    number: str
    mark: Mark
    above: bool
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentRow:
    """Something that happens by itself when its time has come."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file that a step recorded."""

    step: str
    file: KeptFile


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """The page."""

    template: ClassVar[str] = "run/run.html"
    nav: ClassVar[Nav | None] = "definitions"

    title: str
    kind: str
    number: str
    subject: Link
    mark: Mark
    facts: tuple[Fact, ...]
    picture: Markup
    steps: tuple[StepRow, ...]
    kin: tuple[KinRow, ...] = ()
    moments: tuple[MomentRow, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    files: tuple[FileRow, ...] = ()
    told: tuple[FactRow, ...] = ()
    facts_href: str = ""
