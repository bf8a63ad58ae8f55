"""The audit trail and the bookkeeping of exactly-once: audit events, outbox, applied activities, idempotency keys."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger
from sqlmodel import Field

from models.kernel.columns import UUID, Any, SQLModel, datetime, instant, json_document, key, public_key, words


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
