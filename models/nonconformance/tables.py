"""Nonconformances and deviations."""

from sqlalchemy import CheckConstraint, Index

from models.kernel.columns import UUID, SQLModel, datetime, instant, key, public_key, ref, subject_key, words
from models.register.rules import Register


class Nonconformance(SQLModel, table=True):
    """Something that does not meet its requirement (ISO 13485 8.3), or work that was not done as the order asks.

    While open it keeps its lot from release; only the signed decision of its run (`run_id`) closes it.  `code` and `about`
    name the finding that opened it, `said` is what the recorder says; `title` is in Chinese.
    """

    __tablename__ = "nonconformance"
    __table_args__ = (
        CheckConstraint("status in ('open', 'closed')", name="status"),
        CheckConstraint("kind in ('nonconformance', 'deviation')", name="kind"),
        Index("uq_nonconformance_finding", "lot_id", "code", "about", unique=True, postgresql_where="code is not null"),
        Index("uq_nonconformance_run_id", "run_id", unique=True, postgresql_where="run_id is not null"),
    )
    id: int = key()
    subject_id: int = subject_key("nonconformance")
    public_id: UUID = public_key()
    nonconformance_no: str = words(unique=True)
    lot_id: int = ref("lot.id")
    inspection_id: int | None = ref("inspection.id", nullable=True)
    title: str = words()
    status: str = words("open")
    owner_id: int | None = ref("person.id", nullable=True)
    opened_at: datetime = instant(now=True)
    closed_at: datetime | None = instant(nullable=True)
    disposition: str | None = words(nullable=True)
    kind: str = words("nonconformance")
    code: str | None = words(nullable=True)
    about: str | None = words(nullable=True)
    title_en: str | None = words(nullable=True)
    value: str | None = words(nullable=True)
    limit_text: str | None = words(nullable=True)
    said: str | None = words(nullable=True)
    happened_at: datetime | None = instant(nullable=True)
    operation_run_id: int | None = ref("operation_run.id", nullable=True, index=False)
    opened_by_id: int | None = ref("person.id", nullable=True, index=False)
    run_id: int | None = ref("process_run.id", nullable=True, index=False)
    cause: str | None = words(nullable=True)
    decision_reason: str | None = words(nullable=True)
    decided_by_id: int | None = ref("person.id", nullable=True, index=False)


NUMBERS = Register(Nonconformance.nonconformance_no)
