"""Requests of packing cases and pallets, with examples for the OpenAPI page."""

from typing import Annotated, Literal

from pydantic import Field

from api.frame.request.shapes import KnownLot, KnownPlace, KnownSerial, KnownUnit, LabelledIn, ScannedIn, Words
from api.process.schemas.acts import Quantity


class PackLineIn(LabelledIn):
    """A quantity of a lot, one serial unit of a lot, or a smaller unit by its number."""

    lot_no: KnownLot | None = Field(default=None, examples=["H-2611-04"])
    quantity: Quantity | None = Field(default=None, examples=["20"])
    serial_no: KnownSerial | None = None
    unit_no: KnownUnit | None = None


class PackIn(ScannedIn):
    """What goes in; for a unit that is not known yet also what it is and where it stands."""

    contents: Annotated[tuple[PackLineIn, ...], Field(max_length=1000)]
    unit_kind: Literal["case", "pallet"] | None = Field(default=None, examples=["case"])
    location: KnownPlace | None = Field(default=None, examples=["FG-A1"])


class UnpackIn(ScannedIn):
    """What comes out; everything, where nothing is named."""

    contents: Annotated[tuple[PackLineIn, ...], Field(max_length=1000)] = ()
    reason: Words | None = None


class MoveIn(ScannedIn):
    """Where the unit goes, with all that is in it."""

    location: KnownPlace = Field(examples=["FG-A1"])
