"""Requests of splitting, merging, repacking and partial disposition, with examples for the OpenAPI page."""

from typing import Annotated

from pydantic import Field

from api.frame.request.shapes import Input, KnownLot, KnownPlace, KnownSerial, LotNo, Name, OtherLots, Reason, ScannedIn
from api.process.schemas.acts import Quantity

Count = Annotated[int, Field(ge=0, le=10_000_000)]
Serials = Annotated[tuple[KnownSerial, ...], Field(max_length=10_000)]


class NewLotIn(Input):
    """A part that becomes a lot; `serials` names its units where the lot has serial numbers."""

    lot_no: LotNo = Field(examples=["H-2611-07-A"])
    quantity: Quantity = Field(examples=["80"])
    location: KnownPlace | None = None
    serials: Serials = ()


class SplitIn(ScannedIn):
    """Parts of the lot become lots of their own; what is not named stays in it."""

    parts: Annotated[tuple[NewLotIn, ...], Field(max_length=1000)]
    reason: Reason


class MergeIn(OtherLots):
    """All that is in stock of this lot and the others becomes one lot."""

    others: Annotated[tuple[KnownLot, ...], Field(max_length=1000)] = Field(examples=[["H-2611-08"]])
    into: LotNo = Field(examples=["H-2611-M1"])
    reason: Reason


class RepackIn(ScannedIn):
    """480 pcs, from one place, become 24 boxes under a number of their own."""

    quantity: Quantity = Field(examples=["480"])
    into: LotNo = Field(examples=["H-2611-07-BX"])
    new_quantity: Quantity = Field(examples=["24"])
    new_uom: Name = Field(examples=["box"])
    reason: Reason
    location: KnownPlace | None = None
    serials: Serials = ()
    labels_printed: Count | None = None
    labels_applied: Count | None = None
    labels_scrapped: Count | None = None
    labels_each: Count | None = Field(
        default=None, description="On each new pack, those of its content too; 1 unless told."
    )


class DispositionIn(ScannedIn):
    """Part of the lot is to be rejected under a number of its own; a QA approver decides and signs."""

    rejected: NewLotIn
    reason: Reason
