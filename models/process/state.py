"""What a run remembers and what a step of it gives back; plain data, stored as JSON and carried in workflow state."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from models.definition.condition import Scalar
from models.definition.document import Stage


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OpenStage(_Frozen):
    """A stage that waits for something outside; `tracks` are the parallel tracks it is inside of, outermost first.

    `level` is the last escalation that somebody was told of, where no task of a person keeps it.
    """

    key: str
    opened_at: datetime
    tracks: tuple[str, ...] = ()
    level: int = 0


class RunState(_Frozen):
    """Everything a run remembers.  Plain data: it is stored as JSON and carried in workflow state.

    `performers` did a stage in its last round, `everyone` in any (a run from before has only the first; `who` knows both).  `many`
    has the items of a stage that goes through many, each with its result once it has ended.
    """

    definition: str
    open: tuple[OpenStage, ...] = ()
    performers: dict[str, tuple[str, ...]] = {}
    everyone: dict[str, tuple[str, ...]] = {}
    many: dict[str, dict[str, str | None]] = {}
    outcomes: dict[str, str] = {}
    forms: dict[str, dict[str, Any]] = {}
    facts: dict[str, Scalar] = {}
    arrived: tuple[str, ...] = ()
    result: str | None = None

    def is_open(self, key: str) -> bool:
        """Whether the stage waits for something."""
        return any(stage.key == key for stage in self.open)

    def who(self, key: str, rounds: Literal["last", "all"] = "last") -> tuple[str, ...]:
        """Who did the stage, in its last round or in all."""
        last = self.performers.get(key, ())
        return last if rounds == "last" else tuple(dict.fromkeys((*self.everyone.get(key, ()), *last)))


class Step(_Frozen):
    """What follows: the state, the stages that now need somebody or something, the result (and the end) when the run ended."""

    state: RunState
    opened: tuple[Stage, ...] = ()
    ended: str | None = None
    end: str | None = None


class Deadline(_Frozen):
    """A moment at which somebody is told or a wait is over; escalations are numbered from 1."""

    kind: Literal["pick_up", "complete", "escalation", "until"]
    at: datetime
    level: int = 0
    to_role: str | None = None
