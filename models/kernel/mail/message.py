"""What travels to who sends notices; fields are only ever added."""

from uuid import UUID

from models.kernel.messages import Message


class SendNotice(Message):
    """A notice is to go out: `first`, or `reminder-1`, `reminder-2` and so on."""

    notice: UUID
    kind: str
    again: int = 0
    """Set where an operator has it tried again: what of the outbox asks for it."""
