"""What travels when somebody opens a CAPA by hand.  Fields are only ever added."""

from typing import Literal

from models.capa.rules import Way
from models.kernel.messages import Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class OpenCapa(Scanned):
    """Somebody of quality begins one: for nonconformances that there are, or before anything has gone wrong (preventive)."""

    act: Literal["open_capa"] = "open_capa"
    command_id: str
    by: By
    title: str
    title_en: str | None = None
    nonconformances: tuple[str, ...] = ()
    item_no: str | None = None
    supplier_no: str | None = None


class AddToScope(Scanned):
    """A batch, and in which direction its relatives are meant, that a CAPA is about from now on."""

    act: Literal["add_to_capa_scope"] = "add_to_capa_scope"
    command_id: str
    by: By
    number: str
    lot_no: str
    direction: Way = "forward"
    reason: str


class EndScope(Scanned):
    """A batch that somebody has added is taken out of what a CAPA is about."""

    act: Literal["end_capa_scope"] = "end_capa_scope"
    command_id: str
    by: By
    number: str
    lot_no: str
    reason: str


class ConfirmSimilar(Scanned):
    """Somebody has looked at two cases, findings or CAPAs, and says that they are alike; `because` is what they say to it."""

    act: Literal["confirm_similar"] = "confirm_similar"
    command_id: str
    by: By
    number: str
    like: str
    because: str = ""


COMMANDS: tuple[ActOf, ...] = (
    ActOf(OpenCapa, SHORT, "capa-opened", title="提出 CAPA open", about="title", permit=Permit(Permission.CAPA_OPEN)),
    ActOf(
        AddToScope,
        SHORT,
        "capa-scope-added",
        title="CAPA 涉及批次 scope",
        about="number",
        permit=Permit(Permission.CAPA_OPEN),
    ),
    ActOf(
        EndScope,
        SHORT,
        "capa-scope-ended",
        title="CAPA 不再涉及批次 scope",
        about="number",
        permit=Permit(Permission.CAPA_OPEN),
    ),
    ActOf(
        ConfirmSimilar,
        SHORT,
        "similar-confirmed",
        title="确认类似事项 similar",
        about="number",
        permit=Permit(Permission.CAPA_OPEN),
    ),
)
"""Its row of the table of commands."""
