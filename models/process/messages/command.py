"""A command and where it goes: the row of the table of commands (DESIGN 2.2, 6a)."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from models.kernel.messages import Message
from models.person.rules.roles import Permission

EVERY_PROCESS: Final = "*"
"""Stands for every workflow that a definition drives."""


SHORT: Final = "Act"
"""The workflow of an act on several subjects, or on one that no workflow follows."""


@dataclass(frozen=True)
class Permit:
    """Who may do an act: people with a permission (None: the act itself decides), and these services by themselves."""

    permission: Permission | None = None
    services: frozenset[str] = frozenset()
    people: bool = True


NOBODY = Permit(people=False)
"""Of a command that doesn't say who may."""


class ActOf(NamedTuple):
    """A command, where it goes, and who may.

    `of` is the Temporal type of the workflows that take it.  Where its workflow begins with it, that is called
    `prefix/number`, the number in the command's field `number`; `title` (zh) and the field `about` tell the engineer of it.
    """

    command: type[Message]
    of: str
    prefix: str = ""
    number: str = "command_id"
    title: str = ""
    about: str | None = None
    permit: Permit = NOBODY

    @property
    def word(self) -> str:
        """What the command says in `act`."""
        return str(self.command.model_fields["act"].default)

    def workflow_id(self, command: Any) -> str:
        """The workflow that begins with this command, or the one that it begins where none does."""
        return f"{self.prefix}/{getattr(command, self.number)}"
