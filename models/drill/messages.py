"""What the schedule asks for: a drill, a look at how healthy the trace is."""

from typing import Literal

from models.kernel.messages import Message
from models.process.messages.command import ActOf, Permit
from models.process.messages.process import By


class PlanDrill(Message):
    """The schedule asks for a drill; `seed` decides by chance what it is about."""

    act: Literal["plan_drill"] = "plan_drill"
    command_id: str
    by: By
    seed: str


class CheckTrace(Message):
    """The schedule or a person asks how healthy the trace of the whole plant is."""

    command_id: str
    by: By
    cause: str = "schedule"


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        PlanDrill,
        "DrillPlan",
        title="召回演练 recall drill",
        permit=Permit(services=frozenset({"service:schedule"}), people=False),
    ),
)
"""Its rows of the table of commands."""
