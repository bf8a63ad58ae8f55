"""Holding goods: what an act would be about before it is done, and what it was afterwards (ISO 13485 8.3.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.first_rows import Cut
from ui.frame.parts import Amount, FormField, Link, LotRef, SignaturePanel
from ui.frame.render import Nav
from ui.recall.page.recall import PullRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedRow:
    """A batch within the reach of an act."""

    lot: LotRef
    in_house: Amount
    places: str = ""
    later: bool = False
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lift_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeyondRow:
    """So much of a batch that can't be held, and where it is."""

    lot_no: str
    lot_href: str
    why: str
    where: str = ""
    number: str = ""
    href: str = ""
    amount: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandRow:
    """A place where goods aren't on a shelf."""

    place: str
    lots: str
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRow:
    """A promise to a customer that nothing is left for."""

    number: str
    href: str
    customer: str
    amount: Amount
    lacking: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """So much of a batch that is held at a place, or was until it was lifted or brought elsewhere."""

    place: str
    amount: Amount
    at: datetime
    lifted: Amount | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    end_reason: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage:
    """What holding a batch would be about, and the form that does it; what was refused stands in it."""

    template: ClassVar[str] = "hold/preview.html"
    nav: ClassVar[Nav | None] = "lots"

    lot: LotRef
    scope: str
    look: FormField
    action: str
    lines: tuple[str, ...]
    rows: tuple[ReachedRow, ...]
    rows_cut: Cut
    beyond: tuple[BeyondRow, ...]
    beyond_cut: Cut
    customers: bool
    errands: tuple[ErrandRow, ...]
    sends: bool
    do: str
    trace_href: str
    reason: str = ""
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPage:
    """One act: what it held, what of that is lifted, what it couldn't hold, who was sent; lifting all of it is signed here."""

    template: ClassVar[str] = "hold/act.html"
    nav: ClassVar[Nav | None] = "quality"

    reason: str
    scope: str
    named: tuple[Link, ...]
    who: str
    at: datetime
    open: int
    held: int
    rows: tuple[ReachedRow, ...]
    rows_cut: Cut
    beyond: tuple[BeyondRow, ...]
    beyond_cut: Cut
    customers: bool
    pulls: tuple[PullRow, ...]
    pulls_total: int
    pulled: int
    cuts: Mapping[str, Cut]
    pulls_href: str = ""
    lift_href: str = ""
    record_href: str = ""
    signature: SignaturePanel | None = None
    refusal: Refusal | None = None
    typed: str = ""
    command_key: str = ""
    hold_report: bool = True
    state: str = ""
    parts: tuple[PartRow, ...] = ()
    broken: tuple[BrokenRow, ...] = ()
