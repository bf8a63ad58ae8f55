"""The bookkeeping of exactly-once: outbox, applied activities, idempotency keys."""

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
