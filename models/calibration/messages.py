"""What travels when somebody asks for the calibration of an instrument.  Fields are only ever added."""

from typing import Literal

from models.kernel.messages import Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class AskCalibration(Scanned):
    """The instrument is to be calibrated now: its task comes into the inbox, also before its day; from then on it comes back by itself."""

    act: Literal["ask_calibration"] = "ask_calibration"
    command_id: str
    by: By
    equipment_no: str


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        AskCalibration,
        SHORT,
        "calibration-asked",
        title="安排校准 calibrate",
        about="equipment_no",
        permit=Permit(Permission.EQUIPMENT_WRITE),
    ),
)
"""Its rows of the table of commands."""
