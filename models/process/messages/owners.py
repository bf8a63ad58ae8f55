"""What travels when a subject gets another owner.  Fields are only ever added."""

from typing import Literal
from uuid import UUID

from models.kernel.messages import Message
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class HandOver(Message):
    """A subject gets another owner by the signature of `attempt_id`; `request_id` stays the same when it is sent again."""

    act: Literal["hand_over"] = "hand_over"
    command_id: str
    by: By
    subject: UUID
    to: str
    reason: str
    attempt_id: int | None = None
    digest: str | None = None
    meaning: str | None = None
    request_id: str | None = None


# its owner, or who gives out work: the act asks whose it is
COMMANDS: tuple[ActOf, ...] = (ActOf(HandOver, SHORT, "owner", title="变更负责人 hand over", permit=Permit()),)
"""Its row of the table of commands."""
