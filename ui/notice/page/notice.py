"""What a customer reads of a recall: the letter, the answer page behind its link, and the thanks (REQUIREMENTS 77)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Draft, Fact, FormField
from ui.frame.render import Nav
from ui.notice.page.letter import Letter, NoticeLot
from ui.recall.page.recall import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPage:
    """The page behind the link, without login: what is recalled, and one short form."""

    template: ClassVar[str] = "notice/answer.html"
    nav: ClassVar[Nav | None] = None

    site: str
    token: str
    number: str
    title: str
    reason: str
    level: str
    customer: str
    lots: tuple[NoticeLot, ...]
    total: str
    draft: Draft
    do_now: str = ""
    contact: str = ""
    drill: bool = False
    fields: tuple[FormField, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingPage:
    """Behind the link of an answered notice: whom what was passed on went to, as far as nobody has said."""

    template: ClassVar[str] = "notice/names.html"
    nav: ClassVar[Nav | None] = None

    site: str
    token: str
    number: str
    title: str
    customer: str
    ask: str
    contact: str
    facts: tuple[Fact, ...]
    draft: Draft
    fields: tuple[FormField, ...]
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredPage:
    """After the answer: thanks and what was kept; or, opened again, why nothing more can be said here."""

    template: ClassVar[str] = "notice/done.html"
    nav: ClassVar[Nav | None] = None

    site: str
    number: str = ""
    title: str = ""
    facts: tuple[Fact, ...] = ()
    next_step: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPage:
    """The printed notice: zh and en, with the customer's own link."""

    template: ClassVar[str] = "notice/letter.html"
    nav: ClassVar[Nav | None] = "recalls"

    number: str
    href: str
    site: str
    customer: str
    contact: str
    link: str
    until: date
    letters: tuple[Letter, ...]
    qr: str = ""
    ways: tuple[Way, ...] = ()
    post_href: str = ""
    no_phone: bool = False
    unsent: bool = False
    refusal: Refusal | None = None
