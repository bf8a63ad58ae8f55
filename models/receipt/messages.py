"""What travels when a supplier's lot arrives.  Fields are only ever added."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from models.kernel.messages import Message
from models.person.rules.roles import Permission
from models.process.messages.command import ActOf, Permit
from models.process.messages.process import By


class ReceiveLot(Message):
    """A supplier's lot arrives; `labels` are what was scanned of it, whole."""

    act: Literal["receive_lot"] = "receive_lot"
    command_id: str
    by: By
    lot_no: str
    item_no: str
    quantity: Decimal
    location: str
    supplier_no: str | None = None
    supplier_lot_no: str | None = None
    manufactured_on: str | None = None
    expires_on: str | None = None
    uom: str | None = None
    expiry_reason: str | None = None
    retest_on: str | None = None
    labels: tuple[str, ...] = ()
    label_reason: str | None = None
    received_at: datetime | None = None
    item_revision: str | None = None
    certificate_no: str | None = None


COMMANDS: tuple[ActOf, ...] = (
    ActOf(ReceiveLot, "BatchLifecycle", "lot", "lot_no", "批次", permit=Permit(Permission.LOT_RECEIVE)),
)
"""Its rows of the table of commands."""
