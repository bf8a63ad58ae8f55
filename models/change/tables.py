"""Changes: the request, its impact each time that it was computed, and the batches that it locks (ISO 13485 7.3.9)."""

from datetime import date

from sqlalchemy import ARRAY, CheckConstraint, Date, Index, Text, UniqueConstraint, text

from models.change.rules import FIRST_STEPS
from models.kernel.columns import (
    UUID,
    Any,
    Field,
    SQLModel,
    count,
    datetime,
    instant,
    json_document,
    json_list,
    key,
    public_key,
    ref,
    subject_key,
    words,
)
from models.register.rules import Register


class Change(SQLModel, table=True):
    """A change that somebody asks for, until it is closed.

    `kind` is what changes (`models.process.changeable`), `target` its number; `also` are batches that somebody named by hand.  Every batch
    that hasn't come past `first_step` (of an operation, `first_seq`) is affected; `next` is the step that comes next for each.  What is put on
    record from `effective_at` on, and where one is named from `effective_batch` on, is made the new way and isn't paused any more.

    An emergency change was done before it was recorded: `happened` at `happened_at` by `happened_by_id`, and `urgent` why it couldn't wait; it is
    to be decided on by the end of `decide_by`.  `opened_at` stays when it was recorded.

    A temporary change is for a time: until `ends_on` has ended at the plant (`ends_at`), for `most_batches`, or whichever is first; it went back
    at `ended_at`, by its day, its number or by hand (`ended_by`).  `permanent_of_id` is the temporary change that this one makes permanent.
    """

    __tablename__ = "change"
    __table_args__ = (
        CheckConstraint("status in ('open', 'approved', 'closed', 'refused', 'withdrawn')", name="status"),
        CheckConstraint("(status in ('open', 'approved')) = (closed_at is null)", name="closed"),
        CheckConstraint("status not in ('approved', 'closed') or approved_at is not null", name="approved"),
        CheckConstraint("(approved_at is null) = (approved_by_id is null)", name="approved_by"),
        CheckConstraint("(verified_at is null) = (verified_by_id is null)", name="verified_by"),
        CheckConstraint("(effective_at is null) = (effective_by_id is null)", name="effective_by"),
        CheckConstraint(
            "effective_batch is null or (effective_at is not null and btrim(effective_batch) <> '')",
            name="effective_batch",
        ),
        CheckConstraint(
            "num_nulls(happened_at, happened_by_id, happened, urgent, decide_by) in (0, 5)", name="emergency"
        ),
        CheckConstraint("btrim(happened) <> '' and btrim(urgent) <> ''", name="emergency_said"),
        CheckConstraint("happened_at <= opened_at", name="happened"),
        CheckConstraint("(ends_on is null) = (ends_at is null)", name="ends"),
        CheckConstraint("most_batches > 0", name="most_batches"),
        CheckConstraint(
            "(ended_at is null) = (ended_by is null) and (ended_at is null or num_nonnulls(ends_at, most_batches) > 0)",
            name="ended",
        ),
        CheckConstraint("ended_by in ('day', 'number', 'hand')", name="ended_by"),
        CheckConstraint(
            "num_nonnulls(ends_at, most_batches) = 0 or (happened_at is null and permanent_of_id is null)",
            name="temporary",
        ),
        CheckConstraint("btrim(title) <> '' and btrim(reason) <> '' and btrim(target) <> ''", name="said"),
        CheckConstraint("kind ~ '^[a-z_]+$'", name="kind"),
        CheckConstraint(f"first_step in {FIRST_STEPS}", name="first_step"),
        CheckConstraint("(first_step = 'operation') = (first_seq > 0)", name="first_seq"),
        Index("ix_change_approved", "id", postgresql_where="status = 'approved'"),
    )
    id: int = key()
    subject_id: int = subject_key("change")
    public_id: UUID = public_key()
    change_no: str = words(unique=True)
    title: str = words()
    title_en: str | None = words(nullable=True)
    reason: str = words()
    kind: str = words()
    target: str = words()
    also: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), nullable=False, sa_column_kwargs={"server_default": text("'{}'")}
    )
    first_step: str = words("next")
    first_seq: int = count(0)
    status: str = words("open")
    opened_at: datetime = instant(now=True)
    opened_by_id: int = ref("person.id", index=False)
    approved_at: datetime | None = instant(nullable=True)
    approved_by_id: int | None = ref("person.id", nullable=True, index=False)
    verified_at: datetime | None = instant(nullable=True)
    verified_by_id: int | None = ref("person.id", nullable=True, index=False)
    effective_at: datetime | None = instant(nullable=True)
    effective_batch: str | None = words(nullable=True)
    effective_by_id: int | None = ref("person.id", nullable=True, index=False)
    closed_at: datetime | None = instant(nullable=True)
    happened_at: datetime | None = instant(nullable=True)
    happened_by_id: int | None = ref("person.id", nullable=True, index=False)
    happened: str | None = words(nullable=True)
    urgent: str | None = words(nullable=True)
    decide_by: date | None = Field(default=None, sa_type=Date, nullable=True)
    ends_on: date | None = Field(default=None, sa_type=Date, nullable=True)
    ends_at: datetime | None = instant(nullable=True)
    most_batches: int | None = Field(default=None, nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    ended_by: str | None = words(nullable=True)
    permanent_of_id: int | None = ref("change.id", nullable=True, index=False)

    @property
    def temporary(self) -> bool:
        """Whether it is for a time."""
        return self.ends_at is not None or self.most_batches is not None


class ChangeBatch(SQLModel, table=True):
    """A batch that was made within the number that a temporary change is for, and its place in it; the database gives it (`change_counts`)."""

    __tablename__ = "change_batch"
    __table_args__ = (
        UniqueConstraint("change_id", "lot_id"),
        UniqueConstraint("change_id", "place"),
        CheckConstraint("place > 0", name="place"),
    )
    id: int = key()
    change_id: int = ref("change.id", index=False)
    lot_id: int = ref("lot.id")
    place: int = Field(nullable=False)
    made_at: datetime = instant(now=True)


class ChangeExtension(SQLModel, table=True):
    """A temporary change was given a later end or a greater number, by the signature of somebody who didn't ask for it."""

    __tablename__ = "change_extension"
    __table_args__ = (
        UniqueConstraint("change_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("btrim(reason) <> ''", name="said"),
        CheckConstraint("asked_by_id <> approved_by_id", name="other"),
        CheckConstraint(
            "(from_day is null) = (to_day is null) and (from_batches is null) = (to_batches is null)"
            " and num_nonnulls(to_day, to_batches) > 0"
            " and coalesce(to_day >= from_day, true) and coalesce(to_batches >= from_batches, true)"
            " and (coalesce(to_day > from_day, false) or coalesce(to_batches > from_batches, false))",
            name="longer",
        ),
    )
    id: int = key()
    change_id: int = ref("change.id", index=False)
    number: int = count(1)
    from_day: date | None = Field(default=None, sa_type=Date, nullable=True)
    to_day: date | None = Field(default=None, sa_type=Date, nullable=True)
    from_batches: int | None = Field(default=None, nullable=True)
    to_batches: int | None = Field(default=None, nullable=True)
    reason: str = words()
    asked_by_id: int = ref("person.id", index=False)
    approved_by_id: int = ref("person.id", index=False)
    approved_at: datetime = instant(now=True)


class ChangeImpact(SQLModel, table=True):
    """What a change touches, as the record said it at `computed_at`; kept, and never changed.

    `lots` has each affected batch with its item, state, step and quantity, `others` what else it reaches by kind and number.
    """

    __tablename__ = "change_impact"
    __table_args__ = (UniqueConstraint("change_id", "version"), CheckConstraint("version > 0", name="version"))
    id: int = key()
    change_id: int = ref("change.id", index=False)
    version: int = count(1)
    lots: list[Any] = json_list()
    others: list[Any] = json_list()
    counts: dict[str, Any] = json_document()
    digest: str = words()
    computed_at: datetime = instant(now=True)


class ChangeLock(SQLModel, table=True):
    """A batch that a change pauses from a step on, until a signed decision says how it goes on.

    It is open while neither `decided_at` nor `freed_at` is set; a change that is withdrawn frees what nobody has decided on.
    """

    __tablename__ = "change_lock"
    __table_args__ = (
        UniqueConstraint("change_id", "lot_id"),
        CheckConstraint(f"step in {FIRST_STEPS[1:]}", name="step"),
        CheckConstraint("decision in ('old_way', 'new_way', 'rework', 'scrap')", name="decision"),
        CheckConstraint("num_nulls(decision, decided_at, decided_by_id, reason) in (0, 4)", name="decided"),
        CheckConstraint("num_nonnulls(decided_at, freed_at) < 2", name="freed"),
        Index("ix_change_lock_open", "lot_id", postgresql_where="decided_at is null and freed_at is null"),
    )
    id: int = key()
    public_id: UUID = public_key()
    change_id: int = ref("change.id", index=False)
    lot_id: int = ref("lot.id")
    step: str = words()
    seq: int = count(0)
    locked_at: datetime = instant(now=True)
    decision: str | None = words(nullable=True)
    decided_at: datetime | None = instant(nullable=True)
    decided_by_id: int | None = ref("person.id", nullable=True, index=False)
    reason: str | None = words(nullable=True)
    freed_at: datetime | None = instant(nullable=True)


class ChangeTask(SQLModel, table=True):
    """What an approved change has somebody do (`task`), or read and understand (`training`), by a day.

    Its run is what its owner completes; a task is done by whoever has the step, a training by its very person.
    """

    __tablename__ = "change_task"
    __table_args__ = (
        UniqueConstraint("change_id", "number"),
        UniqueConstraint("run_id"),
        CheckConstraint("kind in ('task', 'training')", name="kind"),
        CheckConstraint("number > 0 and btrim(title) <> ''", name="said"),
        CheckConstraint("(done_at is null) = (done_by_id is null)", name="done"),
        CheckConstraint("kind = 'task' or coalesce(done_by_id, owner_id) = owner_id", name="read_by"),
    )
    id: int = key()
    public_id: UUID = public_key()
    change_id: int = ref("change.id", index=False)
    number: int = count(1)
    kind: str = words("task")
    title: str = words()
    changes: str = words("")
    owner_id: int = ref("person.id", index=False)
    due: date = Field(default=None, sa_type=Date, nullable=False)
    run_id: int = ref("process_run.id", index=False)
    planned_at: datetime = instant(now=True)
    done_at: datetime | None = instant(nullable=True)
    done_by_id: int | None = ref("person.id", nullable=True, index=False)


NUMBERS = Register(Change.change_no)
