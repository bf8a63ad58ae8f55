"""The answer to a trace: lots, links, customers, stock, and whether it is complete; one value, one digest, every format.

The store brings the facts (`Found`), `trace_answer` measures distances and balances, `trace_findings` says what is missing.
Nothing is ever cut off: no depth limit, no row limit (DESIGN 9, requirements 11-13, 24, 25).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from models.kernel.large_json import canonical
from models.kernel.time.moments import wire
from models.resolve.rules import Hit
from models.trace.rules.evidence import Evidence, EvidenceGap, FoundIssue, FoundWork, Issue, Proof

ZERO = Decimal(0)


class Direction(StrEnum):
    """Where to go from the start: to what it was made of, to what became of it, or both."""

    BACKWARD = "backward"
    FORWARD = "forward"
    BOTH = "both"

    @property
    def backward(self) -> bool:
        """Whether parents are followed."""
        return self is not Direction.FORWARD

    @property
    def forward(self) -> bool:
        """Whether children are followed."""
        return self is not Direction.BACKWARD


ENGLISH = frozenset({"item_en", "supplier_en", "customer_en", "location_name_en"})
"""Names as an English reader reads them: beside the plant's own, and only where one was said."""

# Rows are named tuples: a large answer has a hundred thousand of them, and a frozen data class takes five times as long.


# --- what the store brings -----------------------------------------------------------------------------------------------


class FoundLot(NamedTuple):
    """A lot as the record has it (at the moment that was asked for)."""

    id: int
    lot_no: str
    item_no: str
    item: str
    kind: str
    status: str | None
    held: bool
    quantity: Decimal
    uom: str
    supplier: str | None
    supplier_lot_no: str | None
    manufactured_on: str | None  # as printed: a day, or only a month
    expires_on: str | None  # likewise
    origin: str
    item_en: str | None = None
    supplier_en: str | None = None


class FoundEdge(NamedTuple):
    """A link: `quantity` of `parent` went into `child`."""

    id: int
    parent: int
    child: int
    kind: str
    quantity: Decimal | None
    uom: str
    at: datetime
    operation: str | None
    work_order_no: str | None
    source: str


class FoundLine(NamedTuple):
    """A line of a shipment."""

    lot: int
    customer_no: str
    customer: str
    customer_en: str | None
    contact: str | None
    email: str | None
    phone: str | None
    shipment_no: str
    order_no: str | None
    tracking_no: str | None
    status: str
    shipped_at: datetime | None
    arrived_at: datetime | None
    quantity: Decimal
    returned: Decimal
    serial_no: str | None


class FoundStock(NamedTuple):
    """What lies where; `units` are the cases and pallets in which some of it is packed."""

    lot: int
    location: str
    location_name: str
    quantity: Decimal
    units: str | None = None
    location_name_en: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """The sum of the links out of a lot, in its own unit; `other` counts links in another unit or without quantity."""

    quantity: Decimal = ZERO
    other: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Everything the store found for one trace."""

    start: frozenset[int]
    up: tuple[FoundEdge, ...]
    down: tuple[FoundEdge, ...]
    lots: tuple[FoundLot, ...]
    lines: tuple[FoundLine, ...] = ()
    stock: tuple[FoundStock, ...] = ()
    moved: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)
    linked: Mapping[int, Linked] = field(default_factory=dict)
    work: tuple[FoundWork, ...] = ()
    issues: tuple[FoundIssue, ...] = ()
    zone: str = "UTC"

    def edges(self) -> tuple[FoundEdge, ...]:
        """The links of both directions, each once."""
        return tuple({edge.id: edge for edge in (*self.up, *self.down)}.values())


# --- the answer ------------------------------------------------------------------------------------------------------


class Balance(NamedTuple):
    """What came in and where it is; `difference` is what nobody can account for (requirement 25).

    `reshaped_in` came out of other lots and `reshaped_out` went into others when lots were split, merged or repacked.
    """

    received: Decimal
    adjusted: Decimal
    consumed: Decimal
    scrapped: Decimal
    sampled: Decimal
    shipped: Decimal
    returned: Decimal
    stock: Decimal
    difference: Decimal
    reshaped_in: Decimal = ZERO
    reshaped_out: Decimal = ZERO


class Node(NamedTuple):
    """A lot of the answer.  `depth` is 0 at the start, negative towards sources, positive towards products."""

    lot_no: str
    item_no: str
    item: str
    kind: str
    status: str | None
    held: bool
    quantity: Decimal
    uom: str
    depth: int
    ancestor: bool
    descendant: bool
    supplier: str | None
    supplier_lot_no: str | None
    manufactured_on: str | None  # as printed: a day, or only a month
    expires_on: str | None  # likewise
    origin: str
    balance: Balance
    evidence: Evidence
    issues: tuple[Issue, ...]
    item_en: str | None = None
    supplier_en: str | None = None


class Edge(NamedTuple):
    """A link of the answer."""

    parent: str
    child: str
    kind: str
    quantity: Decimal | None
    uom: str
    at: datetime
    operation: str | None
    work_order_no: str | None
    source: str


class Delivery(NamedTuple):
    """One line of a shipment."""

    shipment_no: str
    order_no: str | None
    tracking_no: str | None
    status: str
    shipped_at: datetime | None
    arrived_at: datetime | None
    quantity: Decimal
    returned: Decimal
    serial_no: str | None


class CustomerLot(NamedTuple):
    """What one customer got of one lot; `outstanding` is shipped less returned, `in_transit` the part on its way."""

    customer_no: str
    customer: str
    contact: str | None
    email: str | None
    phone: str | None
    lot_no: str
    item_no: str
    uom: str
    shipped: Decimal
    returned: Decimal
    outstanding: Decimal
    in_transit: Decimal
    shipments: tuple[Delivery, ...]
    customer_en: str | None = None


class InHouse(NamedTuple):
    """What still lies here; `units` are the cases and pallets that a part of it is in, the outer one first."""

    lot_no: str
    item_no: str
    location: str
    location_name: str
    quantity: Decimal
    uom: str
    held: bool
    units: str | None = None
    location_name_en: str | None = None


class Finding(NamedTuple):
    """Something that the answer lacks.  `severity`: `gap` a link, `balance` a quantity, `doubt` worth a look."""

    code: str
    severity: str
    lot_no: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer.  `digest` covers everything but the moment at which it was asked."""

    identifier: str
    resolved: tuple[Hit, ...]
    direction: Direction
    as_of: datetime | None
    complete: bool
    balanced: bool
    counts: Mapping[str, int]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    customers: tuple[CustomerLot, ...]
    stock: tuple[InHouse, ...]
    findings: tuple[Finding, ...]
    evidence_gaps: tuple[EvidenceGap, ...]

    def as_dict(self) -> dict[str, Any]:
        """Decimals and moments become text, tuples lists, empty text null."""
        return {name: leaf(getattr(self, name)) for name in names(Answer)}

    def canonical(self) -> bytes:
        """RFC 8785 of the answer.

        Our documents hold only text, integers, booleans and null under ASCII names; for those a common writer of JSON
        writes the canonical form, thirty times faster than the reference (a test holds the two together).
        """
        return canonical(self.as_dict())

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def document(self, at: datetime | None = None) -> dict[str, Any]:
        """The wire form with its digest and the moment it was computed at."""
        body = self.as_dict()
        return {**body, "digest": hashlib.sha256(canonical(body)).hexdigest(), "computed_at": leaf(at)}

    def lot_nos(self) -> tuple[str, ...]:
        """The lots of the answer."""
        return tuple(node.lot_no for node in self.nodes)


def names(kind: type) -> tuple[str, ...]:
    """The fields of a record, in order."""
    known: tuple[str, ...] = getattr(kind, "_fields", ()) or tuple(each.name for each in fields(kind))
    return known


def leaf(value: Any) -> Any:
    """A value as it stands in JSON; numbers with a fraction are text, so that nothing rounds them."""
    known = _LEAVES.get(type(value))
    if known is not None:
        return known(value)
    if isinstance(value, tuple):
        return record(value)
    if isinstance(value, Mapping):
        return {key: leaf(each) for key, each in value.items()}
    return str(value) if isinstance(value, str) else value.as_dict()


def record(row: Any) -> dict[str, Any]:
    """The wire form of a named tuple; an English name that nobody has said isn't there, as in answers of before."""
    out = {}
    for name, value in zip(row._fields, row, strict=True):
        kind = type(value)
        if kind is str:
            out[name] = value or None
        elif value is None:
            if name not in ENGLISH:
                out[name] = None
        elif kind is bool or kind is int:
            out[name] = value
        elif kind is Decimal:
            out[name] = plain(value) if value else "0"
        else:
            out[name] = leaf(value)
    return out


def plain(value: Decimal) -> str:
    """A quantity without the trailing zeros of its column: `12`, `0.5`."""
    return f"{value.normalize() if value else ZERO:f}"


@lru_cache(maxsize=10_000)
def _proof(mark: str, what: str | None) -> dict[str, Any]:
    """The same few names stand on thousands of lots; nobody changes the wire form."""
    return {"mark": mark, "what": what or None}


# by type and not by a chain of questions: a large answer has millions of leaves
_LEAVES: dict[type, Callable[[Any], Any]] = {
    type(None): lambda value: value,
    bool: lambda value: value,
    int: lambda value: value,
    str: lambda value: value or None,
    Decimal: plain,
    datetime: wire,
    date: date.isoformat,
    tuple: lambda value: [leaf(each) for each in value],
    list: lambda value: [leaf(each) for each in value],
    Proof: lambda value: _proof(*value),
}


def gone(line: FoundLine) -> bool:
    """Whether the goods left; a planned or cancelled shipment moved nothing."""
    return line.status in {"shipped", "arrived"}
