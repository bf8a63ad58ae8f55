"""What travels when somebody asks for a change.  Fields are only ever added."""

from datetime import date, datetime
from typing import Literal

from models.kernel.messages import Message, Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class DoneAlready(Message):
    """What of an emergency change was done before it was recorded: when, by whom (login or public id), and why it couldn't wait."""

    happened_at: datetime
    done_by: str
    what: str
    why: str


class ForATime(Message):
    """Until when a temporary change is: its last day at the plant, how many batches, or whichever is first."""

    until: date | None = None
    batches: int | None = None


class OpenChange(Scanned):
    """Somebody asks for a change of a thing, with the reason and the first step from which batches may not go on.

    `already` makes it an emergency change, recorded after it was done; what ran so is locked at once, from its next step on.  `temporary` makes it
    one for a time; `permanent_of` is the number of the temporary change that it makes permanent.
    """

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
    already: DoneAlready | None = None
    temporary: ForATime | None = None
    permanent_of: str | None = None


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        OpenChange, SHORT, "change-opened", title="提出变更 open", about="title", permit=Permit(Permission.CHANGE_OPEN)
    ),
)
"""Its rows of the table of commands."""
