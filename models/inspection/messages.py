"""What travels when measured values come in.  Fields are only ever added."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from models.kernel.messages import Message
from models.process.messages.command import EVERY_PROCESS, ActOf, Permit
from models.process.messages.process import By


class MeasuredValue(Message):
    """One measured value of an inspection: `value` for a variable, `passed` for an attribute."""

    characteristic: int
    sample_no: int
    value: Decimal | None = None
    passed: bool | None = None
    equipment_no: str | None = None
    reason: str | None = None


class RecordResults(Message):
    """An inspector records some values; the rest may come later.  `measured_at` is told of values from before."""

    act: Literal["record_results"] = "record_results"
    command_id: str
    task_id: UUID
    by: By
    values: tuple[MeasuredValue, ...]
    measured_at: datetime | None = None
    late_reason: str | None = None


COMMANDS: tuple[ActOf, ...] = (ActOf(RecordResults, EVERY_PROCESS, permit=Permit()),)
"""Its rows of the table of commands."""
