"""What travels between API, workflows and activities of the processes.  Fields are only ever added."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import PrivateAttr

from models.kernel.messages import Message
from models.process.engine import RunState
from models.process.messages.timer import RunAutomatic, Timer


class By(Message):
    """Who does it, for whom, from which system and session; the session's secret is never written (models.person.messages)."""

    person_id: int
    name: str
    actor_id: str
    source: str
    on_behalf_of: int | None = None
    on_behalf_of_name: str | None = None
    session_id: int | None = None
    seal: str | None = None
    _key: str = PrivateAttr(default="")

    @property
    def key(self) -> str:
        """The secret of the session, where this is the door that it came through."""
        return self._key

    def holding(self, key: str) -> "By":
        """The same, who holds a secret that is no session's: the link of a notice, or the server's."""
        made = self.model_copy()
        made._key = key  # noqa: SLF001 - its own; pydantic keeps it out of what is written
        return made

    def through(self, session_id: int, key: str) -> "By":
        """The same person, through a session."""
        made = self.model_copy(update={"session_id": session_id})
        made._key = key  # noqa: SLF001 - its own; pydantic keeps it out of what is written
        return made


class ChildStart(Message):
    """A subprocess that the transaction has begun; the workflow starts the child that carries it."""

    stage: str
    workflow_id: str
    definition_key: str
    run: "RunView"


class RunView(Message):
    """A run as the record has it after the act; `definition` is its frozen text where the run has just begun."""

    run_id: int
    workflow_id: str
    lot_no: str
    definition_key: str
    definition_version: int
    definition_digest: str
    version: int
    state: RunState
    timers: tuple[Timer, ...] = ()
    automatic: tuple[RunAutomatic, ...] = ()
    children: tuple[ChildStart, ...] = ()
    parent: "RunView | None" = None
    definition: str | None = None
    moved: timedelta = timedelta(0)
    """By how much the record's clock was moved ahead of the engine's; nothing but in a test home."""
    cancelled: bool = False
    """Whether an act ended it before its result."""
    workflow_type: str | None = None
    """The Temporal type of the workflow that follows it; None in what was said before there was this field."""
    title: str | None = None
    """What the process is called, for the engineer."""
    due: datetime | None = None
    """When the first of its open steps is to be done."""
    site: str | None = None
    drill: bool = False

    @property
    def over(self) -> bool:
        """Whether it has its result, or an act has ended it before."""
        return self.cancelled or self.state.result is not None


class Receipt(Message):
    """The answer to an act: what is true now, in `data`, the run that went on, and runs of new lots that began."""

    act: str
    at: datetime
    data: dict[str, Any] = {}  # noqa: RUF012 - pydantic gives each its own
    run: RunView | None = None
    begun: tuple[RunView, ...] = ()


class ProcessStart(Message):
    """Starts a process workflow: on a fresh act (`run` is None until the first update) or on a begun run."""

    workflow_id: str
    lot_no: str
    run: RunView | None = None
    receipts: dict[str, Receipt] = {}  # noqa: RUF012 - pydantic gives each its own


class ProcessResult(Message):
    """How a process ended, with the parent's run as the closing act left it."""

    result: str | None
    parent: RunView | None = None


class CompleteTask(Message):
    """A person completes a task.  `attempt_id` is the signing attempt where the stage is signed.

    `request_id` stays the same when it is sent again with a new proof.  `seen`: the digest of what the step was shown to do.
    """

    act: Literal["complete_task"] = "complete_task"
    command_id: str
    task_id: UUID
    stage: str
    by: By
    outcome: str | None = None
    form: dict[str, Any] = {}  # noqa: RUF012 - pydantic gives each its own
    reason: str | None = None
    attempt_id: int | None = None
    digest: str | None = None
    meaning: str | None = None
    request_id: str | None = None
    statement: str | None = None
    seen: str | None = None


class Escalate(Message):
    """The clock of a stage, or of a legal deadline, has run to one of its moments (see `Timer`)."""

    run_id: int
    stage: str
    level: int
    to_role: str
    deadline: int | None = None
    kind: Literal["task", "stage", "until"] = "task"
    opened_at: datetime | None = None


class CancelRun(Message):
    """A process is stopped from outside."""

    run_id: int
    reason: str


class LoadRun(Message):
    """Ask the record for a run and the text of its definition."""

    run_id: int


class Notify(Message):
    """The record of a run changed elsewhere (a fact, a hold): look at it again."""

    fact: str
    kind: Literal["changed"] = "changed"


class ActResult(Message):
    """The answer of a short workflow on several lots: a receipt, or a refusal as data; and to which command."""

    receipt: Receipt | None = None
    refusal: dict[str, Any] | None = None
    command_id: str | None = None
