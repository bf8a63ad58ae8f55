"""What an effect, a record or a gate is told: who does what on which step of which run, and the transaction of the act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session

from models.definition.document import Stage
from models.process.messages.process import By
from models.process.run import Run
from models.process.tables.process import HumanTask

T = TypeVar("T")


@dataclass(frozen=True)
class Ctx:
    """One step of one run in the transaction of an act, or in the reading of a page.

    `outcome`, `form` and `reason` are the answers as they are or would be given, `seen` the digest of what the step was shown to
    do, `result` how the run ends where it does.
    """

    session: Session
    run: Run
    by: By
    now: datetime
    stage: Stage | None = None
    task: HumanTask | None = None
    outcome: str | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    seen: str | None = None
    result: str | None = None
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> Any:
        """The row of what the run is about."""
        return self.run.subject

    def once(self, name: str, read: Callable[[], T]) -> T:
        """Read something large once for the whole act: the record, its gate and its effects ask for the same."""
        if name not in self.kept:
            self.kept[name] = read()
        found: T = self.kept[name]
        return found

    def of(self, **more: Any) -> "Ctx":
        """The same act, said of another step or result."""
        return replace(self, **more)
