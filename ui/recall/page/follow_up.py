"""What the cockpit shows after the notices: effectiveness checks, reconciliation, returns, reports (REQUIREMENTS 75-82)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.first_rows import Cut
from ui.frame.parts import Draft, Fact, FormField, Link, SignaturePanel
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowForm:
    """One act about a recall: a few fields and a button; what it is about stands above."""

    template: ClassVar[str] = "recall/form.html"
    nav: ClassVar[Nav | None] = "recalls"

    number: str
    title: str
    action: str
    button: str
    back: str
    drill: bool
    about: tuple[Fact, ...]
    fields: tuple[FormField, ...]
    note: str = ""
    history: tuple[str, ...] = ()
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
    signature: SignaturePanel | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """A drawn customer: whether they were reached, and what they said."""

    number: str
    name: str
    contact: str
    href: str
    done: bool
    effective: bool
    said: str
    tries: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPanel:
    """How the effectiveness checks stand; `draw_href` where nobody has chosen a level yet."""

    level: str
    drawn: int
    done: int
    effective: str
    seeds: tuple[tuple[str, str], ...]
    lines: tuple[CheckLine, ...]
    draw_href: str
    started: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLine:
    """A row of the reconciliation: the figures in the order of its columns."""

    customer: str
    number: str
    lot_no: str
    href: str
    figures: tuple[str, ...]
    outstanding: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceLine:
    """Where an answer and the books differ."""

    number: str
    customer: str
    lots: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    """Goods that came back, what became of them, and where to decide about the rest."""

    customer: str
    lot_no: str
    href: str
    quantity: str
    left: str
    location: str
    received_at: datetime
    reference: str
    disposed: tuple[str, ...]
    decide_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """A batch in house and what becomes of it; without a decision, that somebody has to make one."""

    lot_no: str
    href: str
    item: str
    quantity: str
    said: str
    who: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledLine:
    """A report that went to an authority."""

    what: str
    where: str
    filed_at: datetime
    authority: str
    reference: str
    estimated_on: date | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowPanel:
    """Everything below the customers."""

    checks: CheckPanel
    columns: tuple[str, ...]
    totals: tuple[FigureLine, ...]
    lines: tuple[FigureLine, ...]
    settled: bool
    lines_href: str
    differences: tuple[DifferenceLine, ...]
    differences_total: int
    returns: tuple[ReturnLine, ...]
    returns_total: int
    cuts: Mapping[str, Cut]
    book_href: str
    reports: tuple[tuple[str, tuple[Link, ...]], ...]
    pack_href: str
    filed: tuple[FiledLine, ...]
    file_href: str
    classify_href: str = ""
    decisions: tuple[DecisionLine, ...]
    decisions_total: int
    decide_href: str
    runs: bool = False
