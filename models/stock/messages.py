"""What travels when stock itself is dealt with: pieces get their serial numbers, goods go to another place.  Fields are only ever added."""

from decimal import Decimal
from typing import Literal
from uuid import UUID

from models.kernel.messages import Labelled, Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class RegisterSerials(Labelled, Scanned):
    """Pieces of a lot in stock get numbers of their own."""

    act: Literal["register_serials"] = "register_serials"
    kind: Literal["register"] = "register"
    command_id: str
    by: By
    lot_no: str
    serials: tuple[str, ...]


class MoveStock(Labelled, Scanned):
    """A quantity of a lot, or all that lies loose there, goes from one place to another; or of a `part` that is held.

    The part knows where it is held, so it needs no source; with one it must be held there.
    """

    act: Literal["move_stock"] = "move_stock"
    kind: Literal["move"] = "move"
    command_id: str
    by: By
    lot_no: str
    to: str
    reason: str
    source: str | None = None
    quantity: Decimal | None = None
    part: UUID | None = None


Stock = RegisterSerials | MoveStock


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        RegisterSerials,
        SHORT,
        "stock",
        title="序列号 serials",
        about="lot_no",
        permit=Permit(Permission.SERIAL_REGISTER),
    ),
    ActOf(MoveStock, SHORT, "stock", title="移库 move", about="lot_no", permit=Permit(Permission.STOCK_MOVE)),
)
"""Its rows of the table of commands."""
