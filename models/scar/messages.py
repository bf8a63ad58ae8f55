"""What travels when a request to a supplier is raised, answered behind its link, or withdrawn.  Fields are only ever added."""

from datetime import date
from typing import Literal
from uuid import UUID

from models.kernel.messages import Message, Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class RaiseScar(Scanned):
    """A supplier is to say what it does about something that we found; `asks` are fields of its answer."""

    act: Literal["raise_scar"] = "raise_scar"
    command_id: str
    by: By
    supplier_no: str
    title: str
    found: str = ""
    item_no: str | None = None
    lots: tuple[str, ...] = ()
    nonconformance_no: str | None = None
    capa_no: str | None = None
    asks: tuple[str, ...]


class AnswerScar(Message):
    """The supplier's answer of one round, through the link; `files` are digests of what was sent through it, `address` where it came from."""

    act: Literal["answer_scar"] = "answer_scar"
    command_id: str
    by: By
    round: UUID
    name: str
    containment: str = ""
    cause: str = ""
    correction: str = ""
    prevention: str = ""
    done_on: date | None = None
    files: tuple[str, ...] = ()
    address: str = ""


class WithdrawScar(Message):
    """Nothing is asked any more; the link is dead at once."""

    act: Literal["withdraw_scar"] = "withdraw_scar"
    command_id: str
    by: By
    number: str
    reason: str


KEEPER = Permit(Permission.SUPPLIER_ASSESS)
COMMANDS: tuple[ActOf, ...] = (
    ActOf(RaiseScar, SHORT, "scar-raised", title="供应商纠正措施 raise SCAR", about="title", permit=KEEPER),
    ActOf(
        AnswerScar,
        SHORT,
        "scar-answered",
        title="供应商答复 answer SCAR",
        about="name",
        permit=Permit(people=False, services=frozenset({"supplier"})),
    ),
    ActOf(WithdrawScar, SHORT, "scar-withdrawn", title="撤回 withdraw SCAR", about="number", permit=KEEPER),
)
"""Its rows of the table of commands."""
