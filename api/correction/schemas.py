"""Requests of correcting a recorded consumption, with examples for the OpenAPI page."""

from typing import Annotated

from pydantic import Field

from api.frame.request.shapes import KnownLot, KnownPlace, LabelledIn, Reason, ScannedIn
from api.process.schemas.acts import Quantity


class UsedLotIn(LabelledIn):
    """A lot that was really used, in its own unit; from a location, or from wherever it lies."""

    lot_no: KnownLot = Field(examples=["R-2611-08"])
    quantity: Quantity = Field(examples=["50"])
    location: KnownPlace | None = None


class CorrectLinkIn(ScannedIn):
    """What the batch was said to have consumed of `wrong` was something else: other lots, or another quantity.

    Where several records fit, `seq` (the operation) or `link` (the number in the list of links) says which.
    """

    wrong: KnownLot = Field(examples=["R-2611-07"])
    lots: Annotated[tuple[UsedLotIn, ...], Field(max_length=1000)]
    reason: Reason = Field(examples=["扫错标签 wrong label scanned"])
    seq: int | None = Field(default=None, examples=[10])
    link: Annotated[int, Field(gt=0, lt=2**63)] | None = None
