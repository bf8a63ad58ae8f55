"""What travels when goods go into cases and onto pallets, come out, or move with them.  Fields are only ever added."""

from decimal import Decimal
from typing import Literal

from models.kernel.messages import Labelled, Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class PackLine(Labelled):
    """A quantity of a lot, one serial unit of a lot, or a smaller unit."""

    lot_no: str | None = None
    quantity: Decimal | None = None
    serial_no: str | None = None
    unit_no: str | None = None


class PackUnit(Scanned):
    """Things go into a unit; the first act begins it, and then says its kind and where it stands."""

    act: Literal["pack_unit"] = "pack_unit"
    kind: Literal["pack"] = "pack"
    command_id: str
    by: By
    unit_no: str
    contents: tuple[PackLine, ...]
    unit_kind: Literal["case", "pallet"] | None = None
    location: str | None = None


class UnpackUnit(Scanned):
    """Things come out of a unit: those that are named, or everything."""

    act: Literal["unpack_unit"] = "unpack_unit"
    kind: Literal["unpack"] = "unpack"
    command_id: str
    by: By
    unit_no: str
    contents: tuple[PackLine, ...] = ()
    reason: str | None = None


class MoveUnit(Scanned):
    """A unit goes to another location with all that is in it."""

    act: Literal["move_unit"] = "move_unit"
    kind: Literal["move"] = "move"
    command_id: str
    by: By
    unit_no: str
    location: str


Packing = PackUnit | UnpackUnit | MoveUnit


COMMANDS: tuple[ActOf, ...] = (
    ActOf(PackUnit, SHORT, "packing", title="装箱 pack", about="unit_no", permit=Permit(Permission.UNIT_PACK)),
    ActOf(UnpackUnit, SHORT, "packing", title="拆箱 unpack", about="unit_no", permit=Permit(Permission.UNIT_PACK)),
    ActOf(MoveUnit, SHORT, "packing", title="移箱 move", about="unit_no", permit=Permit(Permission.STOCK_MOVE)),
)
"""Its rows of the table of commands."""
