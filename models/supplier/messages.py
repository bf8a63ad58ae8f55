"""What travels when somebody asks to have a supplier assessed for an item.  Fields are only ever added."""

from typing import Literal

from models.kernel.messages import Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class AssessSupplier(Scanned):
    """A supplier is to be assessed for an item in a revision (empty: in all), for the first time or again before its day."""

    act: Literal["assess_supplier"] = "assess_supplier"
    command_id: str
    by: By
    supplier_no: str
    item_no: str
    revision: str = ""
    reason: str


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        AssessSupplier,
        SHORT,
        "supplier-assessed",
        title="评估供应商 assess",
        about="supplier_no",
        permit=Permit(Permission.SUPPLIER_ASSESS),
    ),
)
"""Its row of the table of commands."""
