"""What travels when recalled goods come back and are decided about.  Fields are only ever added."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from models.kernel.messages import Labelled, Message, Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class ReturnedLine(Labelled):
    """How much of which lot came back, and which unit where it has a serial number."""

    lot_no: str
    quantity: Decimal
    serial_no: str | None = None


class BookReturn(Scanned):
    """Recalled goods come back from one customer."""

    act: Literal["book_return"] = "book_return"
    command_id: str
    by: By
    recall_no: str
    customer_no: str
    lines: tuple[ReturnedLine, ...]
    location: str
    received_at: datetime
    reference: str | None = None
    remark: str | None = None


class DisposeReturn(Message):
    """What becomes of returned goods, or of a part of them; scrapping them is signed, as lifting a hold is."""

    act: Literal["dispose_return"] = "dispose_return"
    command_id: str
    by: By
    returned: UUID
    kind: Literal["scrap", "rework", "restock"]
    quantity: Decimal
    reason: str
    reference: str | None = None
    attempt_id: int | None = None
    digest: str | None = None
    meaning: str | None = None
    request_id: str | None = None


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        BookReturn,
        SHORT,
        "recall-booking",
        title="退货 return",
        about="recall_no",
        permit=Permit(Permission.RETURN_BOOK),
    ),
    ActOf(
        DisposeReturn,
        SHORT,
        "recall-booking",
        title="退货处置 return",
        about="kind",
        permit=Permit(Permission.RETURN_DISPOSE),
    ),
)
"""Its rows of the table of commands."""
