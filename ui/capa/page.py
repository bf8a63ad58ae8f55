"""The board of CAPAs, one opened by hand, and which batches one is about; everything else of it the page of its subject shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Amount, Deadline, Draft, Fact, FormField, Link, Pager
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPage:
    """Open a CAPA; after a refusal everything typed is still there."""

    template: ClassVar[str] = "capa/new.html"
    nav: ClassVar[Nav | None] = "quality"

    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An open case: the step that it waits in (`key`, `phase`), how many days old it is, and when something of it is due."""

    key: str
    number: str
    title: str
    href: str
    phase: str
    severity: Mark | None
    owner: str
    days: int
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The cases that wait in one step, the soonest due first; `total` counts what is not on screen too."""

    title: str
    href: str
    total: int
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How many there are of something; `href` has them."""

    n: int
    label: str
    href: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """Open cases by step; `cases` are those behind a figure that was opened, `chosen` what it counts."""

    template: ClassVar[str] = "capa/board.html"
    nav: ClassVar[Nav | None] = "quality"

    sums: tuple[Sum, ...]
    columns: tuple[Column, ...]
    cases: tuple[Case, ...] = ()
    chosen: str = ""
    can_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A saved query: a batch and a direction; `ends` where whoever looks may take it out."""

    lot: Link
    way: str
    reason: str
    who: str
    at: datetime
    ends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A batch that it is about."""

    lot: Link
    item: str
    amount: Amount
    mark: Mark
    down: bool
    up: bool
    later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePage:
    """Which batches a case is about; `as_of` where it has ended."""

    template: ClassVar[str] = "capa/scope.html"
    nav: ClassVar[Nav | None] = "quality"

    number: str
    subject: Link
    roots: tuple[Root, ...]
    relatives: tuple[Relative, ...]
    total: int
    later: int
    as_of: datetime | None
    pager: Pager
    fields: tuple[FormField, ...]
    action: str
    refusal: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPage:
    """Two cases and what they have in common, before somebody says that they are alike."""

    template: ClassVar[str] = "capa/similar.html"
    nav: ClassVar[Nav | None] = "quality"

    number: str
    like: str
    facts: tuple[Fact, ...]
    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    command_key: str = ""
