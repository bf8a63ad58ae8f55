"""What travels when a work order is opened.  Fields are only ever added."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from models.kernel.messages import Message
from models.order.messages.routing import BillLine, PlannedStep
from models.person.rules.roles import Permission
from models.process.messages.command import ActOf, Permit
from models.process.messages.process import By


class CreateWorkOrder(Message):
    """An order to make a lot; routing and bill are frozen with it.  Without a bill, the item's is; `opened_at` where it is told later."""

    act: Literal["create_work_order"] = "create_work_order"
    command_id: str
    by: By
    work_order_no: str
    lot_no: str
    item_no: str
    quantity: Decimal
    location: str
    steps: tuple[PlannedStep, ...]
    document: str | None = None
    document_version: str | None = None
    expires_on: str | None = None
    expiry_reason: str | None = None
    bill: tuple[BillLine, ...] | None = None
    opened_at: datetime | None = None


COMMANDS: tuple[ActOf, ...] = (
    ActOf(CreateWorkOrder, "BatchLifecycle", "lot", "lot_no", "批次", permit=Permit(Permission.WORK_ORDER_CREATE)),
)
"""Its rows of the table of commands."""
