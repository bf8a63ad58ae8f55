"""What travels when somebody asks for a change.  Fields are only ever added."""

from typing import Literal

from models.kernel.messages import Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class OpenChange(Scanned):
    """Somebody asks for a change of a thing, with the reason and the first step from which batches may not go on."""

    act: Literal["open_change"] = "open_change"
    command_id: str
    by: By
    title: str
    title_en: str | None = None
    reason: str
    kind: str
    target: str
    lot_nos: tuple[str, ...] = ()
    first_step: str = "next"
    first_seq: int = 0


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        OpenChange, SHORT, "change-opened", title="提出变更 open", about="title", permit=Permit(Permission.CHANGE_OPEN)
    ),
)
"""Its rows of the table of commands."""
