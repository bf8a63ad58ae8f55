"""Requests of recalls (DESIGN 12), with examples for the OpenAPI page."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import Input, Name, Reason, Words
from models.rules.lot_list import LIMIT


class RecallIn(Input):
    """A recall or a drill begins."""

    mode: Literal["recall", "drill"]
    identifiers: Annotated[tuple[Words, ...], Field(max_length=1000)] = Field(default=(), examples=[["P88-R-2611"]])
    notice: Annotated[str, Field(max_length=LIMIT)] | None = Field(
        default=None, description="The lot list of a supplier's notice, as received.", examples=[None]
    )
    questions_seen: bool = Field(default=False, description="Somebody looked at what the notice leaves open (RCL-015).")
    title: Name
    reason: Reason
    cause: Literal["manual", "complaint", "inspection", "supplier", "schedule"] = "manual"


class RecallByNumberIn(RecallIn):
    """One that begins without a notice: then there is something typed or scanned."""

    identifiers: Annotated[tuple[Words, ...], Field(min_length=1, max_length=1000)]
