"""Requests of recalls (DESIGN 12), with examples for the OpenAPI page."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import Input, Name, Reason, Words


class RecallIn(Input):
    """A recall or a drill begins."""

    mode: Literal["recall", "drill"]
    identifiers: Annotated[tuple[Words, ...], Field(min_length=1, max_length=1000)] = Field(examples=[["P88-R-2611"]])
    title: Name
    reason: Reason
    cause: Literal["manual", "complaint", "inspection", "supplier", "schedule"] = "manual"
