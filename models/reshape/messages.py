"""What travels when lots are reshaped: split, merged, repacked, or decided on in part.  Fields are only ever added."""

from decimal import Decimal
from typing import Literal

from models.kernel.messages import Message, Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class NewLot(Message):
    """A part of a lot that becomes a lot; taken from a location, or from wherever it lies."""

    lot_no: str
    quantity: Decimal
    location: str | None = None
    serials: tuple[str, ...] = ()


class SplitLot(Scanned):
    """Parts of a lot become lots of their own; what is not named stays."""

    act: Literal["split_lot"] = "split_lot"
    kind: Literal["split"] = "split"
    command_id: str
    by: By
    lot_no: str
    parts: tuple[NewLot, ...]
    reason: str


class MergeLots(Scanned):
    """All that is in stock of several lots becomes one lot."""

    act: Literal["merge_lots"] = "merge_lots"
    kind: Literal["merge"] = "merge"
    command_id: str
    by: By
    lot_nos: tuple[str, ...]
    into: str
    reason: str


class RepackLot(Scanned):
    """`quantity` of a lot, from one place, becomes `new_quantity` of `new_uom` under a number of its own.

    `labels_each` is how many labels one of the new packs carries, those of its content too; one, unless told.
    """

    act: Literal["repack_lot"] = "repack_lot"
    kind: Literal["repack"] = "repack"
    command_id: str
    by: By
    lot_no: str
    quantity: Decimal
    into: str
    new_quantity: Decimal
    new_uom: str
    reason: str
    location: str | None = None
    serials: tuple[str, ...] = ()
    labels_printed: int | None = None
    labels_applied: int | None = None
    labels_scrapped: int | None = None
    labels_each: int | None = None


class ProposeDisposition(Scanned):
    """Part of a lot is to be rejected; somebody decides and signs."""

    act: Literal["propose_disposition"] = "propose_disposition"
    kind: Literal["disposition"] = "disposition"
    command_id: str
    by: By
    lot_no: str
    rejected: NewLot
    reason: str


Reshaping = SplitLot | MergeLots | RepackLot | ProposeDisposition


COMMANDS: tuple[ActOf, ...] = (
    ActOf(SplitLot, SHORT, "reshape", title="分批 split", about="lot_no", permit=Permit(Permission.LOT_RESHAPE)),
    ActOf(MergeLots, SHORT, "reshape", title="合批 merge", about="into", permit=Permit(Permission.LOT_RESHAPE)),
    ActOf(RepackLot, SHORT, "reshape", title="改包装 repack", about="lot_no", permit=Permit(Permission.LOT_RESHAPE)),
    ActOf(
        ProposeDisposition,
        SHORT,
        "reshape",
        title="部分处置 disposition",
        about="lot_no",
        permit=Permit(Permission.LOT_DISPOSE),
    ),
)
"""Its rows of the table of commands."""
