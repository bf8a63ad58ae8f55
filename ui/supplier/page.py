"""The list of approved suppliers, and the form that asks for an assessment; everything else the page of its subject shows."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Draft, FormField, Link, Pager
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry: who, what, how it stands today, until when, on which condition."""

    number: str
    href: str
    supplier: str
    supplier_no: str
    item: str
    item_no: str
    revision: str
    mark: Mark
    condition: str
    until: date | None
    reassess: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How many stand so; `href` has them."""

    n: int
    label: str
    href: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """Who may deliver what."""

    template: ClassVar[str] = "supplier/list.html"
    nav: ClassVar[Nav | None] = "quality"

    sums: tuple[Sum, ...]
    rows: tuple[Line, ...]
    pager: Pager
    q: str = ""
    state: str = ""
    new: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """Ask for an assessment; after a refusal everything typed is still there."""

    template: ClassVar[str] = "supplier/new.html"
    nav: ClassVar[Nav | None] = "quality"

    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
