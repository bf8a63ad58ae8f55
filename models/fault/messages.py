"""What travels when an operator has a faulted act done again.  Fields are only ever added."""

from typing import Any
from uuid import UUID

from models.kernel.messages import Message
from models.process.messages.process import By


class RetryFault(Message):
    """Do a faulted act again, as it was asked for: in the name of who asked, at the wish of `by`."""

    command_id: str
    by: By
    fault: UUID
    act: str
    command: dict[str, Any]


class SettleFault(Message):
    """What became of it; `answer` is the refusal where it was refused."""

    fault: UUID
    by: By
    answer: dict[str, Any] | None = None
    retry: RetryFault | None = None
    """What the operator asked for, as it was sealed at the door."""
