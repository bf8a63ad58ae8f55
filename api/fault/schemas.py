"""Shapes of what an operator does (`api/fault/routes.py`)."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from api.frame.request.shapes import Input, Reason
from models.clock.store.moved_clock import Moved


class ClockMoveInput(Input):
    """How far a test home's clock goes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "30d", "reason": "play a month of the CAPA"}]})

    to: Annotated[str, Field(min_length=1, max_length=40, description="`90m`, `12h`, `30d`, `2w`, or a date")]
    reason: Reason


class ClockOut(BaseModel):
    """The record's time; `test` says whether it can be moved, `target` where it is on its way to (null: nowhere)."""

    test: bool
    now: datetime
    target: datetime | None

    @classmethod
    def of(cls, seen: Moved) -> Self:
        """As the record has it."""
        return cls(test=True, now=seen.now, target=seen.target if seen.under_way else None)
