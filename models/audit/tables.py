"""The audit trail and the bookkeeping of exactly-once: audit events, outbox, applied activities, idempotency keys."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, SmallInteger, UniqueConstraint
from sqlmodel import Field

from models.tables.base import (
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


class AuditEvent(SQLModel, table=True):
    """One change of one row, written by trigger in the same transaction (21 CFR 11.10(e)).

    `leaf` is SHA-256(0x00 || canonical event), the leaf of the Merkle log that seals the trail later (RFC 9162 2.1).
    `form` says what the canonical event contains: 2 has the event's number (`id`) and `lot_id`, 1 (before) has neither.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_lot_id_id", "lot_id", "id"),
        Index("ix_audit_event_row", "table_name", "row_id", "id"),
    )
    id: int = key()
    event_id: UUID = public_key()
    at: datetime = instant()
    actor_id: str = words()
    actor_name: str = words()
    on_behalf_of: str | None = words(nullable=True)
    source: str = words()
    source_ref: str | None = words(nullable=True)
    reason: str | None = words(nullable=True)
    workflow: str | None = words(nullable=True)
    build: str | None = words(nullable=True)
    transaction: int = Field(sa_column=Column(BigInteger, nullable=False))
    table_name: str = words()
    row_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    lot_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    operation: str = words()
    before: dict[str, Any] | None = json_document(nullable=True)
    after: dict[str, Any] | None = json_document(nullable=True)
    leaf: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    form: int = Field(default=1, sa_column=Column(SmallInteger, nullable=False, server_default="1"))


class Outbox(SQLModel, table=True):
    """A fact to hand on: written in the transaction that made it true, delivered by the dispatcher at least once.

    `next_at` is when it is due; one that failed too often is given up and stands before an operator.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "id", postgresql_where="delivered_at is null"),
        Index("ix_outbox_given_up", "id", postgresql_where="given_up_at is not null"),
        Index("ix_outbox_at", "at", postgresql_using="brin"),
        CheckConstraint("dismissed_at is null or length(trim(dismiss_reason)) > 0", name="dismissed"),
    )
    id: int = key()
    public_id: UUID = public_key()
    fact: str = words()
    lot_id: int | None = ref("lot.id", nullable=True)
    subject_id: int | None = subject_ref(nullable=True, index=False)
    payload: dict[str, Any] = json_document()
    at: datetime = instant(now=True)
    delivered_at: datetime | None = instant(nullable=True)
    attempts: int = count(0)
    last_error: str | None = words(nullable=True)
    next_at: datetime = instant(now=True)
    given_up_at: datetime | None = instant(nullable=True)
    dismissed_at: datetime | None = instant(nullable=True)
    dismissed_by_id: int | None = ref("person.id", nullable=True, index=False)
    dismiss_reason: str | None = words(nullable=True)


class Applied(SQLModel, table=True):
    """An act that took effect, by the person's command (the clock's: by its activity), with its receipt.

    A retry gets the first answer.
    """

    __tablename__ = "applied"
    __table_args__ = (Index("ix_applied_at", "at", postgresql_using="brin"),)
    id: int = key()
    activity_key: str = words(unique=True)
    receipt: dict[str, Any] = json_document()
    at: datetime = instant(now=True)


class ClockJump(SQLModel, table=True):
    """The clock was found behind the record and accepted as it is: which event was the last, of when, and why.

    From here on times are compared with what is written after it.
    """

    __tablename__ = "clock_jump"
    __table_args__ = (CheckConstraint("length(trim(reason)) > 0", name="reason"),)
    id: int = key()
    at: datetime = instant(now=True)
    last_at: datetime = instant()
    last_event_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    reason: str = words()


class ClockDifference(SQLModel, table=True):
    """The clocks of record and engine were found apart, or in agreement again: by how many milliseconds the record's is ahead.

    `last_event_id` is the last event of before.  What is written while they are apart says no more than that.
    """

    __tablename__ = "clock_difference"
    __table_args__ = (CheckConstraint("ahead_least <= ahead_most", name="order"),)
    id: int = key()
    at: datetime = instant(now=True)
    apart: bool
    ahead_least: int = Field(sa_column=Column(BigInteger, nullable=False))
    ahead_most: int = Field(sa_column=Column(BigInteger, nullable=False))
    last_event_id: int = Field(sa_column=Column(BigInteger, nullable=False))


class WorkerBeat(SQLModel, table=True):
    """A sign of life that a worker writes every two seconds; one that stands still for ten is no worker any more.

    Every ten seconds it has compared the record's clock with the engine's: milliseconds by which the record's is ahead, at least
    and at most.
    """

    __tablename__ = "worker_beat"
    id: int = key()
    worker: str = words(unique=True)
    process: int = Field(sa_column=Column(BigInteger, nullable=False))
    queues: list[str] = json_document()
    build: str = words("")
    at: datetime = instant(now=True)
    compared_at: datetime | None = instant(nullable=True)
    ahead_least: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    ahead_most: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class IdempotencyKey(SQLModel, table=True):
    """A client's `Idempotency-Key` with the digest of the request and the first answer."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("person_id", "token"),
        Index("ix_idempotency_key_at", "at", postgresql_using="brin"),
    )
    id: int = key()
    person_id: int = ref("person.id", index=False)
    token: str = words()
    request_digest: str = words()
    status: int | None = None
    body: dict[str, Any] | None = json_document(nullable=True)
    at: datetime = instant(now=True)
