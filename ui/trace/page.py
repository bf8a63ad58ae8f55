"""Trace (requirements 11, 12): all levels backward or forward, with the completeness statement of DESIGN 9 on top.

The table is the whole answer; counts and exports are never cut, only the rows on the screen begin with the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from models.kernel.refusal import Refusal
from ui.frame.first_rows import Cut
from ui.frame.parts import Amount, EvidenceLine, Link, LotRef
from ui.frame.render import Nav
from ui.trace.picture import Picture

Direction = Literal["forward", "backward", "both"]
DIRECTIONS: tuple[Direction, ...] = ("forward", "backward", "both")


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedProof:
    """One of man, machine, material, method, environment: its mark and what it rests on."""

    factor: str
    mark: str
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedLot:
    """A lot of the answer and how far from the start it is (negative: upstream)."""

    lot: LotRef
    level: int
    supplier_lot: str = ""
    supplier: str = ""
    in_house: Amount | None = None
    units: str = ""
    proofs: tuple[TracedProof, ...] = ()
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedTotal:
    """All that went to customers in one unit of measure."""

    shipped: Amount
    returned: Amount
    outstanding: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedCustomer:
    """Customer × lot × shipment: shipped, returned, outstanding.

    `again` where the line above is the same customer's; the first of several says what they have `together`.
    """

    customer: str
    contact: str
    again: bool = False
    together: tuple[ShippedTotal, ...] = ()
    lot: LotRef
    shipment: Link
    shipped: Amount
    returned: Amount
    outstanding: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStartPage:
    """Before anything was asked: one field."""

    template: ClassVar[str] = "trace/start.html"
    nav: ClassVar[Nav | None] = "trace"

    refusal: Refusal | None = None
    text: str = ""
    direction: Direction = "forward"
    choices: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceBegunPage:
    """A large answer that is being put together: what was asked for and its first lots stand there at once.

    The page asks for the whole by itself; the downloads hold it as well.
    """

    template: ClassVar[str] = "trace/begun.html"
    nav: ClassVar[Nav | None] = "trace"

    identifier: str
    title: str
    reach: int
    start: int
    rows: tuple[LotRef, ...]
    whole_href: str
    exports: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The first findings of a sort, and how many there are."""

    lines: tuple[EvidenceLine, ...] = ()
    all: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TracePage:
    """The answer.  `gaps.all` is 0 exactly when the trace is complete (DESIGN 2.6)."""

    template: ClassVar[str] = "trace/trace.html"
    nav: ClassVar[Nav | None] = "trace"

    identifier: str
    title: str
    direction: Direction
    digest: str
    lots: int
    edges: int
    customers: int
    in_house_lots: int
    held_lots: int
    shipments_in_transit: int
    gaps: Findings
    imbalances: Findings
    rows: tuple[TracedLot, ...]
    shipped: tuple[TracedCustomer, ...]
    as_of: datetime | None = None
    direction_hrefs: tuple[tuple[Direction, str], ...] = ()
    exports: tuple[Link, ...] = ()
    cuts: Mapping[str, Cut] = field(default_factory=dict)
    doubts: Findings = Findings()
    totals: tuple[ShippedTotal, ...] = ()
    here: str = ""
    as_of_typed: str = ""
    recall_href: str = ""
    picture: Picture | None = None
    evidence_gaps: Findings = Findings()
    only: str = ""
    all_href: str = ""
    differs: tuple[Refusal, ...] = ()
