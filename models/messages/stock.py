"""What travels when stock itself is dealt with: pieces get their serial numbers.  Fields are only ever added."""

from typing import Literal

from models.messages.process import By, Message


class RegisterSerials(Message):
    """Pieces of a lot in stock get numbers of their own."""

    kind: Literal["register"] = "register"
    command_id: str
    by: By
    lot_no: str
    serials: tuple[str, ...]


Stock = RegisterSerials
