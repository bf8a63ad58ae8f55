"""A change is asked for, or one that was done already recorded, on a page of its own; everything else of it the page of its subject and its tasks show."""

from dataclasses import dataclass
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Draft, FormField, Link
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """Ask for a change, or record one that was done already; after a refusal everything typed is still there."""

    template: ClassVar[str] = "change/new.html"
    nav: ClassVar[Nav | None] = "quality"

    at: str
    title: str
    do: str
    next: str
    draft: Draft
    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """Which way a batch ran by a change, which is named where the page is of the batch."""

    mark: Mark
    change: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """What a mark means, and how many have it."""

    mark: Mark
    count: int
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsPage:
    """Which batches ran which way of a change, or what a batch ran under: a row each, by what leads to it; `more` are not shown."""

    template: ClassVar[str] = "change/versions.html"
    nav: ClassVar[Nav | None] = "quality"

    title: str
    back: Link
    legend: tuple[Legend, ...] = ()
    heads: tuple[str, ...]
    rows: tuple[tuple[Link, tuple[str, ...], tuple[Ran, ...]], ...]
    nothing: str
    more: str = ""
