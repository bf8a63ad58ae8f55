"""What the routes of holding answer."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from models.hold.rules import Scope


class BeyondOut(BaseModel):
    """So much of a batch that can't be held, and where it is: a shipment and its customer, the batch that it was made into, or nowhere."""

    lot_no: str
    why: Literal["customer", "in_transit", "made_into", "scrapped", "sampled"]
    number: str | None
    place: str | None
    place_en: str | None
    quantity: str | None
    uom: str


class ErrandOut(BaseModel):
    """A place where held goods aren't on a shelf: somebody is sent there."""

    kind: Literal["shipment", "work_order", "location"]
    place: str
    title: str
    quantity: str
    uom: str
    lots: list[str]


class LotOut(BaseModel):
    """A batch within the reach of an act."""

    lot_no: str
    item: str
    status: str
    held: bool
    in_house: str
    uom: str
    places: str | None


class BrokenOut(BaseModel):
    """A planned shipment that what is left free can't serve: `lacking` of `quantity`."""

    shipment_no: str
    customer: str
    customer_en: str | None
    quantity: str
    lacking: str
    uom: str


class PartReachOut(BaseModel):
    """What holding so much at a place would be about: what lies `there`, what of it is held or packed, and what is `left` of the batch."""

    location: str
    quantity: str
    there: str
    held: str
    packed: str
    left: str
    uom: str
    broken: list[BrokenOut]


class PartOut(BaseModel):
    """So much of a batch that an act holds, or held until it was lifted or brought elsewhere (`ended_at`); `lifted` of it was let go of."""

    part: UUID
    lot_no: str
    location: str
    quantity: str
    uom: str
    placed_at: datetime
    lifted: str | None
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None


class ReachOut(BaseModel):
    """What holding would be about; `held` of the batches somebody holds already, and `sends` is false where the plant sends nobody.

    Of a quantity at a place `part` says what that leaves.
    """

    scope: Scope
    count: int
    held: int
    places: int
    in_house: dict[str, str]
    lots: list[LotOut]
    errands: list[ErrandOut]
    sends: bool
    beyond: list[BeyondOut]
    part: PartReachOut | None = None


class HeldOut(LotOut):
    """A batch that an act held; `later` where it was made of held goods afterwards."""

    hold: UUID
    placed_at: datetime
    later: bool
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None


class HoldActOut(BaseModel):
    """One act: `held` batches in all, `open` of them still; `beyond` is what it could not hold, as it was then.

    An act that holds a quantity has its `parts`, and in `broken` the planned shipments that it left nothing for.
    """

    hold_act: UUID
    scope: Scope
    named: list[str]
    reason: str
    placed_by: str
    placed_at: datetime
    held: int
    open: int
    lots: list[HeldOut]
    beyond: list[BeyondOut]
    errands: list[ErrandOut]
    parts: list[PartOut]
    broken: list[BrokenOut]
