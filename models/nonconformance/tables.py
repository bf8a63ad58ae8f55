"""Nonconformances and deviations."""

from decimal import Decimal

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, text

from models.kernel.columns import (
    UUID,
    Field,
    SQLModel,
    amount,
    datetime,
    instant,
    key,
    public_key,
    ref,
    subject_key,
    words,
)
from models.register.rules import Register


class Nonconformance(SQLModel, table=True):
    """Something that does not meet its requirement (ISO 13485 8.3), or work that was not done as the order asks.

    While open it keeps its lot, where there is one, from release; only the signed decision of its run (`run_id`) closes it.  `code`
    and `about` name the finding that opened it, `said` is what the recorder says; `title` is in Chinese.  It may be found before
    there is a lot: then it names the item, the supplier or the place.  `quantity` of `uom` is what is set apart, at `location_id`;
    `files` are the digests of what was attached when it was raised.
    """

    __tablename__ = "nonconformance"
    __table_args__ = (
        CheckConstraint("status in ('open', 'closed')", name="status"),
        CheckConstraint("kind in ('nonconformance', 'deviation')", name="kind"),
        CheckConstraint("severity in ('minor', 'major', 'critical')", name="severity"),
        CheckConstraint(
            "source in ('inspection', 'operation', 'record', 'load', 'equipment', 'count', 'return', 'hand')",
            name="source",
        ),
        CheckConstraint("num_nonnulls(lot_id, item_id, supplier_id, location_id) > 0", name="about_something"),
        CheckConstraint("(quantity is null) = (uom is null) and quantity > 0", name="set_apart"),
        CheckConstraint("cost >= 0", name="cost"),
        Index("ix_nonconformance_cause", "cause_class", "opened_at", postgresql_where="cause_class is not null"),
        Index("uq_nonconformance_finding", "lot_id", "code", "about", unique=True, postgresql_where="code is not null"),
        Index("uq_nonconformance_run_id", "run_id", unique=True, postgresql_where="run_id is not null"),
    )
    id: int = key()
    subject_id: int = subject_key("nonconformance")
    public_id: UUID = public_key()
    nonconformance_no: str = words(unique=True)
    lot_id: int | None = ref("lot.id", nullable=True)
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
    cause_class: str | None = words(nullable=True)
    cost: Decimal | None = amount(nullable=True)
    decision_reason: str | None = words(nullable=True)
    decided_by_id: int | None = ref("person.id", nullable=True, index=False)
    severity: str = words("major")
    source: str = words("hand")
    item_id: int | None = ref("item.id", nullable=True)
    supplier_id: int | None = ref("supplier.id", nullable=True)
    supplier_lot_no: str | None = words(nullable=True)
    location_id: int | None = ref("location.id", nullable=True)
    quantity: Decimal | None = amount(nullable=True)
    uom: str | None = words(nullable=True)
    files: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), nullable=False, sa_column_kwargs={"server_default": text("'{}'")}
    )


NUMBERS = Register(Nonconformance.nonconformance_no)
