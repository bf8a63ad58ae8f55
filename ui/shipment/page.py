"""Shipments (requirement 57): to whom, which lots, how many; the list, a new one, one page each."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Amount, Draft, Fact, FormField, LotRef, Pager, TimelineEntry
from ui.frame.render import Nav
from ui.frame.status import Mark
from ui.production.page import LotLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRow:
    """One shipment of the list."""

    number: str
    href: str
    customer: str
    mark: Mark
    lots: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentsPage:
    """The shipments, newest first."""

    template: ClassVar[str] = "shipment/shipments.html"
    nav: ClassVar[Nav | None] = "lots"

    rows: tuple[ShipmentRow, ...]
    pager: Pager
    can_ship: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shippable:
    """A released lot in stock, first expired first (FEFO)."""

    lot: LotRef
    location: str
    amount: Amount
    expiry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShipmentPage:
    """Scan lots, say how many, ship.  Lines come back as repeated fields `ship_lot`, `ship_quantity`."""

    template: ClassVar[str] = "shipment/new.html"
    nav: ClassVar[Nav | None] = "lots"

    fields: tuple[FormField, ...]
    lines: tuple[LotLine, ...] = (LotLine(),)
    shippable: tuple[Shippable, ...] = ()
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedLine:
    """What went out, and what came back."""

    lot: LotRef
    shipped: Amount
    returned: Amount
    serials: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPage:
    """One shipment."""

    template: ClassVar[str] = "shipment/shipment.html"
    nav: ClassVar[Nav | None] = "lots"

    number: str
    customer: str
    mark: Mark
    facts: tuple[Fact, ...]
    lines: tuple[ShippedLine, ...]
    timeline: tuple[TimelineEntry, ...] = ()
