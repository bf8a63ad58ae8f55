"""What travels to who sends notices; fields are only ever added."""

from uuid import UUID

from models.messages.process import Message


class SendNotice(Message):
    """A notice is to go out: `first`, or `reminder-1`, `reminder-2` and so on."""

    notice: UUID
    kind: str
