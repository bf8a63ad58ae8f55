"""What a run remembers and what a step of it gives back; plain data, stored as JSON and carried in workflow state."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from models.rules.definition import Stage
from models.rules.definition_condition import Scalar


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OpenStage(_Frozen):
    """A stage that waits for something outside; `tracks` are the parallel tracks it is inside of, outermost first."""

    key: str
    opened_at: datetime
    tracks: tuple[str, ...] = ()


class RunState(_Frozen):
    """Everything a run remembers.  Plain data: it is stored as JSON and carried in workflow state."""

    definition: str
    open: tuple[OpenStage, ...] = ()
    performers: dict[str, tuple[str, ...]] = {}
    outcomes: dict[str, str] = {}
    forms: dict[str, dict[str, Any]] = {}
    facts: dict[str, Scalar] = {}
    arrived: tuple[str, ...] = ()
    result: str | None = None

    def is_open(self, key: str) -> bool:
        """Whether the stage waits for something."""
        return any(stage.key == key for stage in self.open)


class Step(_Frozen):
    """What follows: the state, the stages that now need somebody or something, the result when the run ended."""

    state: RunState
    opened: tuple[Stage, ...] = ()
    ended: str | None = None


class Deadline(_Frozen):
    """A moment at which somebody is told; escalations are numbered from 1."""

    kind: Literal["pick_up", "complete", "escalation"]
    at: datetime
    level: int = 0
    to_role: str | None = None
