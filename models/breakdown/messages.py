"""What travels when somebody reports that equipment broke down.  Fields are only ever added."""

from datetime import datetime
from typing import Literal

from models.kernel.messages import Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class ReportBreakdown(Scanned):
    """The equipment broke down, now or at `happened_at`; `lot_nos` are the batches under way on it.  Reported twice it is one."""

    act: Literal["report_breakdown"] = "report_breakdown"
    command_id: str
    by: By
    equipment_no: str
    said: str
    happened_at: datetime | None = None
    lot_nos: tuple[str, ...] = ()


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        ReportBreakdown,
        SHORT,
        "breakdown-reported",
        title="报告设备故障 report",
        about="equipment_no",
        permit=Permit(Permission.NONCONFORMANCE_RAISE),
    ),
)
"""Its row of the table of commands."""
