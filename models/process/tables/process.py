"""Processes: definition versions, runs of them on a subject, and the tasks that wait for people.

PostgreSQL is the record: inboxes read these tables, never Temporal.
"""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from models.kernel.columns import (
    UUID,
    Any,
    SQLModel,
    count,
    datetime,
    instant,
    json_document,
    key,
    public_key,
    ref,
    subject_ref,
    words,
)


class ProcessRun(SQLModel, table=True):
    """One run of a definition on its subject.  `workflow_id` is unique: a second start is harmless.

    One of many knows its place in its parent: the stage, the item, and when the round of the stage began.
    """

    __tablename__ = "process_run"
    __table_args__ = (
        CheckConstraint("status in ('running', 'completed', 'cancelled')", name="status"),
        CheckConstraint("lot_id is null or recall_id is null", name="subject"),
        CheckConstraint(
            "num_nonnulls(parent_stage, parent_item, parent_round) in (0, 3) and (parent_item is null or parent_id is not null)",
            name="place",
        ),
        Index(
            "uq_process_run_place",
            "parent_id",
            "parent_stage",
            "parent_item",
            "parent_round",
            unique=True,
            postgresql_where="parent_item is not null",
        ),
    )
    id: int = key()
    public_id: UUID = public_key()
    workflow_id: str = words(unique=True)
    definition_id: int = ref("definition_version.id")
    lot_id: int | None = ref("lot.id", nullable=True)
    recall_id: int | None = ref("recall.id", nullable=True)
    subject_id: int = subject_ref()
    parent_id: int | None = ref("process_run.id", nullable=True)
    parent_stage: str | None = words(nullable=True)
    parent_item: str | None = words(nullable=True)
    parent_round: datetime | None = instant(nullable=True)
    state: dict[str, Any] = json_document()
    status: str = words("running")
    version: int = count(1)
    result: str | None = words(nullable=True)
    started_at: datetime = instant(now=True)
    ended_at: datetime | None = instant(nullable=True)


class HumanTask(SQLModel, table=True):
    """Something a person must do.  `rank` orders the inbox: consequence, 0 is the gravest."""

    __tablename__ = "human_task"
    __table_args__ = (
        CheckConstraint("status in ('open', 'done', 'cancelled')", name="status"),
        Index("ix_human_task_inbox", "role", "rank", "due_at", "id", postgresql_where="status = 'open'"),
        Index("ix_human_task_mine", "assignee_id", "rank", "due_at", "id", postgresql_where="status = 'open'"),
        Index("ix_human_task_late", "due_at", postgresql_where="status = 'open'"),
        CheckConstraint("lot_id is null or recall_id is null", name="subject"),
        # one open task per stage of a run: a retried activity can't open it twice
        Index("uq_human_task_open_stage", "run_id", "stage", unique=True, postgresql_where="status = 'open'"),
    )
    id: int = key()
    public_id: UUID = public_key()
    run_id: int = ref("process_run.id")
    lot_id: int | None = ref("lot.id", nullable=True)
    recall_id: int | None = ref("recall.id", nullable=True)
    subject_id: int = subject_ref()
    process: str = words()
    stage: str = words()
    kind: str = words()
    role: str = words()
    rank: int = count(5)
    status: str = words("open")
    assignee_id: int | None = ref("person.id", nullable=True, index=False)
    claimed_at: datetime | None = instant(nullable=True)
    pick_up_by: datetime | None = instant(nullable=True)
    due_at: datetime | None = instant(nullable=True)
    escalation_level: int = count(0)
    escalated_to: str | None = words(nullable=True)
    opened_at: datetime = instant(now=True)
    done_at: datetime | None = instant(nullable=True)
    done_by_id: int | None = ref("person.id", nullable=True)
    on_behalf_of_id: int | None = ref("person.id", nullable=True, index=False)
    outcome: str | None = words(nullable=True)
    form: dict[str, Any] = json_document()
    reason: str | None = words(nullable=True)
    receipt: dict[str, Any] | None = json_document(nullable=True)


class TaskDraft(SQLModel, table=True):
    """What a person typed into a task's form and has not sent."""

    __tablename__ = "task_draft"
    __table_args__ = (UniqueConstraint("task_id", "person_id"),)
    id: int = key()
    task_id: int = ref("human_task.id", index=False)
    person_id: int = ref("person.id")
    form: dict[str, Any] = json_document()
    saved_at: datetime = instant(now=True)
