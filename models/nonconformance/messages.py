"""What travels when somebody raises a nonconformance or deviation.  Fields are only ever added."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from models.kernel.messages import Scanned
from models.nonconformance.rules import Severity
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class RaiseNonconformance(Scanned):
    """Somebody found something: of a batch, or of an item, supplier or place where there is no batch yet.

    `quantity` of `uom` is what was set apart at `location`; without it the whole batch is meant.  `severity` may say more than the rule
    does, never less.  `files` are the digests of attachments.
    """

    act: Literal["raise_nonconformance"] = "raise_nonconformance"
    command_id: str
    by: By
    title: str
    title_en: str | None = None
    said: str | None = None
    kind: Literal["nonconformance", "deviation"] = "nonconformance"
    source: Literal["equipment", "count", "return", "load", "hand"] = "hand"
    severity: Severity | None = None
    lot_no: str | None = None
    item_no: str | None = None
    supplier_no: str | None = None
    supplier_lot_no: str | None = None
    location: str | None = None
    quantity: Decimal | None = None
    uom: str | None = None
    happened_at: datetime | None = None
    files: tuple[str, ...] = ()


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        RaiseNonconformance,
        SHORT,
        "nonconformance-raised",
        title="提出不合格 raise",
        about="title",
        permit=Permit(Permission.NONCONFORMANCE_RAISE),
    ),
)
"""Its row of the table of commands."""
