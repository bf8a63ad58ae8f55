"""Batches: the list with filters (requirement 54), and receiving material (27)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.listing import ListPart
from ui.frame.parts import Amount, Draft, FormField, LotRef, Option
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRow:
    """One line of the list."""

    lot: LotRef
    item_code: str
    kind: str
    amount: Amount
    expiry: str = ""
    supplier_lot: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotsPage:
    """The list; filters are plain query parameters `q`, `status` (also `held`), `kind`, `item`."""

    template: ClassVar[str] = "lot/lots.html"
    nav: ClassVar[Nav | None] = "lots"
    folds: ClassVar[tuple[str, ...]] = ("", "", "", "folds", "num", "", "folds", "folds")

    rows: tuple[LotRow, ...]
    list: ListPart
    q: str = ""
    statuses: tuple[Option, ...] = ()
    status: str = ""
    kinds: tuple[Option, ...] = ()
    kind: str = ""
    item: str = ""
    supplier: str = ""
    refusal: Refusal | None = None
    can_receive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivePage:
    """Receive a lot; after a refusal everything typed is still there."""

    template: ClassVar[str] = "receipt/receive.html"
    nav: ClassVar[Nav | None] = "lots"

    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
