"""What pages and the API read about batches; plain frozen values, nothing lazy."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.kernel.time.moments import PrintedDate
from models.lot.rules.milestones import MilestoneView
from models.process.queries.views import SignedBy, TaskView


@dataclass(frozen=True, kw_only=True, slots=True)
class LotView:
    """A batch in a list.  `held` is derived from open holds; `in_stock` is what lies in all places now.

    One `uom` holds `pack_size` of the item's own unit, `item_uom`.
    """

    id: UUID
    lot_no: str
    item_no: str
    item: str
    kind: str
    status: str
    held: bool
    expired: bool
    quantity: Decimal
    in_stock: Decimal
    uom: str
    supplier_no: str | None
    supplier: str | None
    supplier_lot_no: str | None
    manufactured_on: PrintedDate | None
    expires_on: PrintedDate | None
    expiry_precision: str
    origin: str
    created_at: datetime
    changed_at: datetime | None
    pack_size: Decimal = Decimal(1)
    expiry_reason: str | None = None
    retest_on: PrintedDate | None = None
    item_uom: str = "pcs"


@dataclass(frozen=True, kw_only=True, slots=True)
class LotPage:
    """One page of batches."""

    items: tuple[LotView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StockView:
    """What lies where; `held` of it is held there while the rest of the batch goes on."""

    location: str
    location_name: str
    quantity: Decimal
    held: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class PartView:
    """So much of a batch is held at a place, by which act of quality and why."""

    part: UUID
    hold_act: UUID
    location: str
    location_name: str
    quantity: Decimal
    reason: str
    placed_by: str
    placed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldView:
    """A hold, open or lifted; `hold_act` is the act of quality that placed it and `act_lots` how many batches that held.

    `by_process`: a decision within a process lifted it, and wrote why.
    """

    id: UUID
    reason: str
    cause: str
    recall_no: str | None
    confirmed_at: datetime | None
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lift_reason: str | None
    by_process: bool = False
    hold_act: UUID | None = None
    act_lots: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RelativeView:
    """A parent or child one step away, with how much went over; `quantity` is None where nobody wrote it down."""

    lot_no: str
    item_no: str
    item: str
    kind: str
    status: str
    held: bool
    edge: str
    quantity: Decimal | None
    uom: str


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectionView:
    """An inspection of the batch; counts are of results."""

    id: UUID
    inspection_no: str
    stage: str
    revision: int
    plan: str | None
    status: str
    passed: int
    failed: int
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    inherited_from: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenItemView:
    """A nonconformance of the batch."""

    id: UUID
    number: str
    title: str
    status: str
    owner: str | None
    opened_at: datetime
    closed_at: datetime | None
    disposition: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunView:
    """A process that runs or ran on the batch."""

    workflow_id: str
    definition: str
    version: int
    status: str
    result: str | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LotShipment:
    """How much of the batch went where."""

    shipment_no: str
    customer_no: str
    customer: str
    status: str
    quantity: Decimal
    returned: Decimal
    shipped_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """A fact of the batch: when it was written down, and when it happened where that was earlier."""

    id: int
    fact: str
    at: datetime
    who: str | None
    data: dict[str, Any]
    happened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """Facts in the order they happened."""

    items: tuple[TimelineEntry, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LotDetail:
    """A batch with everything that hangs on it, one step each way."""

    lot: LotView
    milestones: tuple[MilestoneView, ...]
    stock: tuple[StockView, ...]
    holds: tuple[HoldView, ...]
    parts: tuple[PartView, ...]
    parents: tuple[RelativeView, ...]
    children: tuple[RelativeView, ...]
    inspections: tuple[InspectionView, ...]
    nonconformances: tuple[OpenItemView, ...]
    tasks: tuple[TaskView, ...]
    signatures: tuple[SignedBy, ...]
    runs: tuple[RunView, ...]
    shipments: tuple[LotShipment, ...]
    work_orders: tuple[str, ...]
    serial_units: int
