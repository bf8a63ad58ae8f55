"""What travels when a recorded consumption is corrected.  Fields are only ever added."""

from decimal import Decimal
from typing import Literal

from models.kernel.messages import Labelled, Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class UsedLot(Labelled):
    """A lot that was really used, in its own unit; taken from a location, or from wherever it lies."""

    lot_no: str
    quantity: Decimal
    location: str | None = None
    serials: tuple[str, ...] = ()


class CorrectLink(Scanned):
    """What batch `lot_no` was said to have consumed of `wrong` was something else.

    `seq` (the operation) or `link` (its number in the list of links) says which record, where several fit.
    """

    act: Literal["correct_link"] = "correct_link"
    command_id: str
    by: By
    lot_no: str
    wrong: str
    lots: tuple[UsedLot, ...]
    reason: str
    seq: int | None = None
    link: int | None = None


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        CorrectLink,
        SHORT,
        "correction",
        title="投料更正 correction",
        about="lot_no",
        permit=Permit(Permission.LOT_LINK_CORRECT),
    ),
)
"""Its rows of the table of commands."""
