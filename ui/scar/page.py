"""Requests to suppliers: the list, the form, the letter with its link, and what the supplier sees behind it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Draft, Fact, FormField, Link, Pager
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A request: from whom, what, how it stands, by when."""

    number: str
    href: str
    supplier: str
    supplier_no: str
    title: str
    item: str
    mark: Mark
    due: date | None
    round: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How many there are; `href` has them."""

    n: int
    label: str
    href: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """Who was asked to correct what."""

    template: ClassVar[str] = "scar/list.html"
    nav: ClassVar[Nav | None] = "quality"

    sums: tuple[Sum, ...]
    rows: tuple[Line, ...]
    pager: Pager
    q: str = ""
    every: bool = False
    new: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisePage:
    """Raise one; after a refusal everything typed is still there."""

    template: ClassVar[str] = "scar/new.html"
    nav: ClassVar[Nav | None] = "quality"

    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPage:
    """The link of the newest round, as a letter in both languages; and withdrawing the request."""

    template: ClassVar[str] = "scar/letter.html"
    nav: ClassVar[Nav | None] = "quality"

    number: str
    href: str
    here: str
    link: str
    letters: tuple[tuple[str, str], ...] = ()
    mail: str = ""
    qr: str = ""
    withdraw: FormField | None = None
    refusal: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPage:
    """Behind the link, on a telephone: what was found, and the answer."""

    template: ClassVar[str] = "scar/answer.html"
    nav: ClassVar[Nav | None] = None

    site: str
    supplier: str
    token: str
    number: str
    title: str
    found: str
    please: str
    lots: tuple[str, ...]
    note: str
    sent_back: str
    files: FormField
    draft: Draft
    fields: tuple[FormField, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DonePage:
    """After the answer; or why none can be given."""

    template: ClassVar[str] = "scar/done.html"
    nav: ClassVar[Nav | None] = None

    site: str = ""
    number: str = ""
    title: str = ""
    facts: tuple[Fact, ...] = ()
    refusal: Refusal | None = None
