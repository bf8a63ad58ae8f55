"""What travels when goods leave.  Fields are only ever added."""

from decimal import Decimal
from typing import Literal

from models.kernel.messages import Labelled, Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class ShipLine(Labelled):
    """How much of which lot, from where (or first-expired first from anywhere); `serials` names its pieces."""

    lot_no: str
    quantity: Decimal
    location: str | None = None
    serial_no: str | None = None
    uom: str | None = None
    serials: tuple[str, ...] = ()


class Ship(Scanned):
    """Goods leave for a customer: quantities of lots, and whole cases and pallets by number."""

    act: Literal["ship"] = "ship"
    command_id: str
    by: By
    shipment_no: str
    customer_no: str
    lines: tuple[ShipLine, ...]
    order_no: str | None = None
    carrier: str | None = None
    tracking_no: str | None = None
    units: tuple[str, ...] = ()


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        Ship,
        SHORT,
        "shipment",
        "shipment_no",
        "发货 shipment",
        "customer_no",
        permit=Permit(Permission.SHIPMENT_CREATE),
    ),
)
"""Its rows of the table of commands."""
