"""Acts that ended in a fault: kept for an operator, who may have them done again or leaves them (DESIGN 6a)."""

from sqlalchemy import CheckConstraint, Index

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
    words,
)


class ActFault(SQLModel, table=True):
    """One act that couldn't be done: whose it was, what it was about, what went wrong in the machine's words.

    `activity_key` is the act's (as in `applied`): the same act that fails again is the same fault.
    """

    __tablename__ = "act_fault"
    __table_args__ = (
        CheckConstraint("status in ('open', 'retrying', 'done', 'refused', 'dismissed')", name="status"),
        CheckConstraint("(status in ('open', 'retrying')) = (settled_at is null)", name="settled"),
        CheckConstraint("status <> 'dismissed' or length(trim(reason)) > 0", name="reason"),
        Index("ix_act_fault_open", "id", postgresql_where="settled_at is null"),
    )
    id: int = key()
    public_id: UUID = public_key()
    activity_key: str = words(unique=True)
    act: str = words()
    workflow_id: str = words()
    subject: str = words("")
    command: dict[str, Any] = json_document()
    person_id: int | None = ref("person.id", nullable=True)
    trouble: str = words()
    error: str = words()
    detail: str = words()
    build: str = words("")
    tries: int = count(1)
    status: str = words("open")
    at: datetime = instant(now=True)
    last_at: datetime = instant(now=True)
    settled_at: datetime | None = instant(nullable=True)
    settled_by_id: int | None = ref("person.id", nullable=True)
    reason: str | None = words(nullable=True)
    answer: dict[str, Any] | None = json_document(nullable=True)
