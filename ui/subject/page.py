"""Any subject on a page: what it is, whose it is, what is to be done, and everything that hangs on it (REQUIREMENTS 87-89)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.audit.page import AuditPage, AuditRow
from ui.frame.first_rows import Cut
from ui.frame.listing import ListPart
from ui.frame.parts import Deadline, Fact, FormField, Link, Option, SignatureLine, SignaturePanel
from ui.frame.render import Nav
from ui.frame.status import Mark
from ui.subject.shown import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """Something that is to be done about it, in which run, and by whom."""

    title: str
    href: str
    process: str
    process_href: str
    mark: Mark
    who: str
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A process about it, that goes on or has ended; `part` of another one."""

    title: str
    href: str
    mark: Mark
    started_at: datetime
    ended_at: datetime | None = None
    result: str = ""
    open: int = 0
    part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLine:
    """Another subject that it has to do with, as what, and by which run."""

    role: str
    kind: str
    subject: Link
    title: str = ""
    run: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """A file that a form about it names."""

    name: str
    href: str
    size: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectPage:
    """The page; `audit_href` is empty for who may not read the trail."""

    template: ClassVar[str] = "subject/subject.html"
    nav: ClassVar[Nav | None] = "quality"

    kind: str
    number: str
    title: str
    mark: Mark
    own: Link | None
    facts: tuple[Fact, ...]
    tasks: tuple[TaskLine, ...]
    runs: tuple[RunLine, ...]
    runs_cut: Cut
    links: tuple[LinkLine, ...] = ()
    files: tuple[FileLine, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    panel: Panel | None = None
    audit: tuple[AuditRow, ...] = ()
    audit_href: str = ""
    facts_href: str = ""
    hand_over_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverPage:
    """Its owner changes: first whom it goes to, then the record of it with the signature."""

    template: ClassVar[str] = "subject/owner.html"
    nav: ClassVar[Nav | None] = "quality"

    kind: str
    number: str
    title: str
    subject: Link
    owner: str
    choices: tuple[Option, ...] = ()
    to: str = ""
    to_name: str = ""
    typed: str = ""
    record_href: str = ""
    signature: SignaturePanel | None = None
    refusal: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRuleLine:
    """A rule: matters of which kind, narrowed how, are whose; `idle` while its person can't own anything."""

    kind: str
    narrowed: tuple[str, ...]
    role: str
    person: Link | None
    idle: bool
    made_at: datetime
    ended_at: datetime | None = None
    end_href: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRulesPage:
    """Whose new matters are; `fields` are empty for who may not write a rule."""

    template: ClassVar[str] = "subject/owner_rules.html"
    nav: ClassVar[Nav | None] = "definitions"

    rules: tuple[OwnerRuleLine, ...]
    ended: tuple[OwnerRuleLine, ...] = ()
    fields: tuple[FormField, ...] = ()
    refusal: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRow:
    """One subject in the list."""

    kind: str
    number: str
    href: str
    title: str
    mark: Mark
    owner: str
    opened_at: datetime
    open: int = 0
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectsPage:
    """Subjects of one kind, or (`every`) of all but batches."""

    template: ClassVar[str] = "subject/subjects.html"
    nav: ClassVar[Nav | None] = "quality"

    title: str
    kinds: tuple[Link, ...]
    here: str
    every: bool
    rows: tuple[SubjectRow, ...]
    list: ListPart
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectAuditPage(AuditPage):
    """The whole trail of any subject."""

    nav: ClassVar[Nav | None] = "quality"
