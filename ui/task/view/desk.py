"""What was read for the page of one task, and what its person has typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session
from starlette.datastructures import FormData

from models.definition.document import Stage
from models.kernel.refusal import Refusal
from models.process.acts import preview as previewing
from models.process.form.form import REASON
from models.process.queries.views import TaskDetail, TaskView
from ui.frame.i18n import Language
from ui.frame.visit import Visit, new_key
from ui.task.form import answers as answers_of
from ui.task.form import changed, flat, one_of

RESERVED = frozenset({"csrf", "idempotency_key", "outcome", REASON, "password", "digest", "save", "seen", "rows"})
"""Names of a task's form that are no answers."""


@dataclass(frozen=True)
class Typed:
    """What the person has typed: in the form that came in, else in the draft that was kept."""

    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormData) -> "Typed":
        """The form as it came, without secrets."""
        keep = {key: one_of(form.getlist(key), value) for key, value in form.items() if isinstance(value, str)}
        return cls({key: value for key, value in keep.items() if key not in {"password", "csrf", "digest"}})

    @classmethod
    def kept(cls, draft: Mapping[str, object] | None) -> "Typed":
        """What was kept for this person."""
        return cls(flat(draft or {}))

    def __getitem__(self, key: str) -> str:
        """The text, or nothing."""
        return self.values.get(key, "")

    @property
    def key(self) -> str:
        """The key of the form: sent twice, it is one act; a refused form gets a fresh one."""
        return self["idempotency_key"] or new_key()

    def with_fresh_key(self) -> "Typed":
        """The same words, for another try."""
        return Typed({**self.values, "idempotency_key": new_key()})

    def changed(self, asked: str) -> "Typed":
        """The same with a row more or less in a table."""
        return Typed(changed(self.values, asked))

    def answers(self, stage: Stage, zone: str) -> dict[str, Any]:
        """The answers of the step's form."""
        return answers_of(stage, {key: value for key, value in self.values.items() if key not in RESERVED}, zone)


@dataclass(frozen=True)
class Desk:
    """Everything that was read for one task's page."""

    visit: Visit
    session: Session
    detail: TaskDetail
    decision: previewing.Decision
    typed: Typed
    refusal: Refusal | None
    outcome: str = ""

    @property
    def task(self) -> TaskView:
        """The task as this person sees it."""
        return self.detail.task

    @property
    def stage(self) -> Stage:
        """Its step."""
        return self.decision.stage

    @property
    def language(self) -> Language:
        """The reader's."""
        return self.visit.language

    @property
    def zone(self) -> str:
        """The plant's."""
        return self.visit.principal.zone

    @property
    def done(self) -> bool:
        """Whether there is nothing left to do."""
        return self.task.status != "open"
