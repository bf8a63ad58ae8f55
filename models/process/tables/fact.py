"""What became true about a subject, and for each trigger that names it whether it caused something, and why (DESIGN 6, 6a).

Both are written in the transaction of the act that made it true, and never change.
"""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.kernel.columns import UUID, Any, SQLModel, datetime, instant, json_document, key, public_key, ref, words


class Fact(SQLModel, table=True):
    """Something that became true about a subject: when it happened, and when it was told.

    `values` are those that its kind declares.  `once` names what it is told of (an inspection, a decision): told again, it is no
    second fact.  `run_id` is the run in whose step it was told.
    """

    __tablename__ = "fact"
    __table_args__ = (
        CheckConstraint("name ~ '^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$'", name="name"),
        CheckConstraint("jsonb_typeof(values) = 'object'", name="values"),
        Index("ix_fact_subject_id", "subject_id", "id"),
        Index("uq_fact_once", "subject_id", "name", "once", unique=True, postgresql_where="once is not null"),
    )
    id: int = key()
    public_id: UUID = public_key()
    name: str = words()
    subject_id: int = ref("subject.id", index=False)
    values: dict[str, Any] = json_document()
    once: str | None = words(nullable=True)
    person_id: int | None = ref("person.id", nullable=True, index=False)
    run_id: int | None = ref("process_run.id", nullable=True)
    happened_at: datetime = instant()
    recorded_at: datetime = instant(now=True)


class Cause(SQLModel, table=True):
    """What a fact caused, or why not: by a trigger of a definition (its number there), or by a wait for it (its stage).

    `code` says which of the few reasons, the sentences say it to a person.  Of a trigger that began or joined a run, and of a
    wait, `run_id` is that run; `owner_id` is who was given what it opened.
    """

    __tablename__ = "cause"
    __table_args__ = (
        CheckConstraint("num_nonnulls(trigger, stage) = 1", name="by"),
        CheckConstraint("(run_id is not null) = (code in ('begun', 'joined', 'moved'))", name="run"),
        CheckConstraint("(stage is not null) = (code = 'moved')", name="stage"),
        CheckConstraint("because_zh <> '' and because_en <> ''", name="because"),
        UniqueConstraint("fact_id", "definition_id", "trigger"),
        UniqueConstraint("fact_id", "run_id", "stage"),
    )
    id: int = key()
    public_id: UUID = public_key()
    fact_id: int = ref("fact.id", index=False)
    definition_id: int = ref("definition_version.id", index=False)
    trigger: int | None = Field(default=None, nullable=True)
    stage: str | None = words(nullable=True)
    run_id: int | None = ref("process_run.id", nullable=True)
    owner_id: int | None = ref("person.id", nullable=True, index=False)
    code: str = words()
    because_zh: str = words()
    because_en: str = words()
    at: datetime = instant(now=True)
