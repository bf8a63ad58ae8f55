"""What travels when somebody opens a CAPA by hand.  Fields are only ever added."""

from typing import Literal

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


COMMANDS: tuple[ActOf, ...] = (
    ActOf(OpenCapa, SHORT, "capa-opened", title="提出 CAPA open", about="title", permit=Permit(Permission.CAPA_OPEN)),
)
"""Its row of the table of commands."""
