"""What travels when somebody wants incoming lots to be watched.  Fields are only ever added."""

from typing import Literal

from models.kernel.messages import Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class WatchLots(Scanned):
    """The incoming lots of an item from a supplier get limits, the first or others: for a characteristic, or (empty) for their rejects."""

    act: Literal["watch_lots"] = "watch_lots"
    command_id: str
    by: By
    supplier_no: str
    item_no: str
    characteristic: str = ""
    reason: str


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        WatchLots,
        SHORT,
        "lots-watched",
        title="监控来货 watch",
        about="supplier_no",
        permit=Permit(Permission.SUPPLIER_ASSESS),
    ),
)
"""Its row of the table of commands."""
