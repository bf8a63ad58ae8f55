"""What travels when an operation is recorded: man, machine, material, method, environment.  Fields are only ever added."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from models.kernel.messages import Labelled, Message, Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import ActOf, Permit
from models.process.messages.process import By


class Consumed(Labelled):
    """A quantity of a lot in `uom` or the lot's own unit, from a location or from any; `serials` names its pieces."""

    lot_no: str
    quantity: Decimal
    location: str | None = None
    uom: str | None = None
    serials: tuple[str, ...] = ()


class ParameterValue(Message):
    """A process value with the limits that held."""

    name: str
    value: Decimal | None = None
    text: str | None = None
    unit: str | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None


class Reading(Message):
    """An environment reading taken with an operation."""

    quantity: str
    value: Decimal
    unit: str
    lower: Decimal | None = None
    upper: Decimal | None = None
    measured_at: datetime | None = None


class RecordOperation(Scanned):
    """One operation as it was done: man, machine, material, method, environment."""

    act: Literal["record_operation"] = "record_operation"
    command_id: str
    by: By
    work_order_no: str
    seq: int
    started_at: datetime
    finished_at: datetime
    people: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    consumes: tuple[Consumed, ...] = ()
    parameters: tuple[ParameterValue, ...] = ()
    environment: tuple[Reading, ...] = ()
    location: str | None = None
    document: str | None = None
    document_version: str | None = None
    produced: Decimal = Decimal(0)
    scrapped: Decimal = Decimal(0)
    finish: bool = False
    load: str | None = None
    scrapped_serials: tuple[str, ...] = ()
    late_reason: str | None = None


COMMANDS: tuple[ActOf, ...] = (ActOf(RecordOperation, "BatchLifecycle", permit=Permit(Permission.OPERATION_RECORD)),)
"""Its rows of the table of commands."""
