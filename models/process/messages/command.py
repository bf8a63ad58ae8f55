"""A command and where it goes: the row of the table of commands (DESIGN 2.2, 6a)."""

from typing import Any, Final, NamedTuple

from models.kernel.messages import Message

EVERY_PROCESS: Final = "*"
"""Stands for every workflow that a definition drives."""


SHORT: Final = "Act"
"""The workflow of an act on several subjects, or on one that no workflow follows."""


class ActOf(NamedTuple):
    """A command, and where it goes.

    `of` is the Temporal type of the workflows that take it.  Where its workflow begins with it, that is called
    `prefix/number`, the number in the command's field `number`; `title` (zh) and the field `about` tell the engineer of it.
    """

    command: type[Message]
    of: str
    prefix: str = ""
    number: str = "command_id"
    title: str = ""
    about: str | None = None

    @property
    def word(self) -> str:
        """What the command says in `act`."""
        return str(self.command.model_fields["act"].default)

    def workflow_id(self, command: Any) -> str:
        """The workflow that begins with this command, or the one that it begins where none does."""
        return f"{self.prefix}/{getattr(command, self.number)}"
