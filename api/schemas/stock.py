"""Requests about stock itself, with examples for the OpenAPI page."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import Code, Input


class SerialsIn(Input):
    """The serial numbers of pieces that are in stock."""

    serials: Annotated[tuple[Code, ...], Field(max_length=10_000)] = Field(examples=[["SN-0001", "SN-0002"]])


class SerialOut(Input):
    """A serial number and where its piece is."""

    serial_no: str
    state: str
    where: str | None
