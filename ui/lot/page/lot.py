"""Batch (requirements 1-3): the whole life of one lot on one page, one step of genealogy each way."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import (
    Amount,
    Deadline,
    Fact,
    Link,
    LotRef,
    Matrix,
    Milestone,
    OpenItem,
    RecallBand,
    SignatureLine,
    SignaturePanel,
    StockRow,
    TimelineEntry,
)
from ui.frame.render import Nav
from ui.frame.status import Mark
from ui.packing.page import UnitRow
from ui.reshape.page import ReshapeForm


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """One hold, open or lifted."""

    number: str
    reason: str
    who: str
    at: datetime
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lift_reason: str = ""
    lift_href: str = ""
    lift_label: str = ""
    whose: str = ""
    recall_href: str = ""
    only_by: str = ""
    again_href: str = ""
    record_href: str = ""
    signature: SignaturePanel | None = None
    refusal: Refusal | None = None
    typed: str = ""
    act_href: str = ""
    act_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPart:
    """So much of the batch is held at a place while the rest of it goes on."""

    place: str
    amount: Amount
    reason: str
    who: str
    at: datetime
    act_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """A task of this lot somebody still has to do."""

    title: str
    href: str
    who: str
    mark: Mark
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotInspection:
    """An inspection of this lot."""

    title: str
    href: str
    mark: Mark
    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRef:
    """A shipment this lot went out with: drawn like a relative."""

    lot_no: str
    href: str
    item: str
    mark: Mark
    amount: Amount | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldForm:
    """Freeze the batch: a reason, and what was refused.

    `parts_href` is where everything made of it is looked at and held with it, `place_href` where so much of it is held.
    """

    action: str
    parts_href: str = ""
    place_href: str = ""
    refusal: Refusal | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPage:
    """The batch page.  `stock_total` is the sum over locations; `more_*` count what one step each way leaves out."""

    template: ClassVar[str] = "lot/lot.html"
    nav: ClassVar[Nav | None] = "lots"

    lot: LotRef
    item_code: str
    facts: tuple[Fact, ...]
    milestones: tuple[Milestone, ...]
    stock: tuple[StockRow, ...]
    stock_total: Amount
    holds: tuple[HoldRow, ...]
    open_items: tuple[OpenItem, ...]
    tasks: tuple[OpenTask, ...]
    timeline: tuple[TimelineEntry, ...]
    parents: tuple[LotRef, ...]
    children: tuple[LotRef, ...]
    inspections: tuple[LotInspection, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    shipments: tuple[ShipmentRef, ...] = ()
    links: tuple[Link, ...] = ()
    on_units: tuple[UnitRow, ...] = ()
    on_units_held: bool = False
    on_units_more: bool = False
    trace_back_href: str
    trace_forward_href: str
    audit_href: str
    band: RecallBand | None = None
    paused: tuple[Link, ...] = ()
    under: tuple[Link, ...] = ()
    matrix: Matrix | None = None
    hold_form: HoldForm | None = None
    parts: tuple[HeldPart, ...] = ()
    reshape: tuple[ReshapeForm, ...] = ()
    command_key: str = ""
    more_parents: int = 0
    more_children: int = 0
    more_shipments: int = 0
    more_facts: int = 0
