"""A run with what is needed to advance it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.definition.document import Definition
from models.process import kinds
from models.process.kind import Kind
from models.process.state import RunState
from models.process.subject import SubjectKind
from models.process.tables.process import ProcessRun


@dataclass
class Run:
    """A run with what is needed to advance it; `subject` is the row of what it is about.

    `begun` are the subprocesses that it has begun while somebody holds this object, by the stage and the moment of its opening.
    """

    row: ProcessRun
    definition: Definition
    subject: Any
    begun: dict[tuple[str, datetime], "Run"] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """What its noun has declared for it."""
        return kinds.of(self.definition.key)

    @property
    def about(self) -> SubjectKind:
        """The kind of what it is about."""
        return kinds.about(self.definition.subject)

    @property
    def subject_key(self) -> int:
        """The key of what it is about, in its noun's table."""
        return int(getattr(self.row, self.about.column))

    @property
    def number(self) -> str:
        """What is printed of it: the number of its subject."""
        return self.about.number(self.subject)

    @property
    def state(self) -> RunState:
        """The engine's state."""
        return RunState.model_validate(self.row.state)
