"""Requests about stock itself, with examples for the OpenAPI page."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.frame.request.shapes import Input, KnownLot, KnownPlace, LabelledIn, Reason, ScannedIn, SerialNo
from api.process.schemas.acts import Quantity


class SerialsIn(LabelledIn, ScannedIn):
    """The serial numbers of pieces that are in stock."""

    serials: Annotated[tuple[SerialNo, ...], Field(max_length=10_000)] = Field(examples=[["SN-0001", "SN-0002"]])


class MoveIn(LabelledIn, ScannedIn):
    """A quantity of a lot goes from one place to another; without a quantity all that lies loose there.

    With `part`, what goes is of that part, which is held and goes on being held: only to where held goods may lie; it says itself from where.
    """

    lot_no: KnownLot = Field(examples=["H-2611-04"])
    source: KnownPlace | None = Field(default=None, alias="from", examples=["QA-01"])
    to: KnownPlace = Field(examples=["FG-A1"])
    quantity: Quantity | None = Field(default=None, examples=["20"])
    part: UUID | None = None
    reason: Reason


class SerialOut(Input):
    """A serial number and where its piece is."""

    serial_no: str
    state: str
    where: str | None
