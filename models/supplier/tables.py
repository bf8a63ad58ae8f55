"""The list of approved suppliers, and under which of its entries each lot was received (ISO 13485 7.4.1; REQUIREMENTS 49)."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint, text

from models.kernel.columns import (
    UUID,
    Field,
    SQLModel,
    count,
    datetime,
    instant,
    key,
    public_key,
    ref,
    subject_key,
    words,
)
from models.register.rules import Register


def _day() -> date | None:
    found: date | None = Field(default=None, sa_type=Date, nullable=True)
    return found


class SupplierApproval(SQLModel, table=True):
    """A supplier, an item and a revision of it (empty: all of them): whether it may be delivered, until when, on which condition.

    In force while `approved` and until `expires_on` has ended at the plant; what was carried over has no end.  `round` counts its
    assessments, `round_at`, `reason` and `asked_by_id` are of the newest.
    """

    __tablename__ = "supplier_approval"
    __table_args__ = (
        CheckConstraint("origin in ('native', 'carried_over', 'migrated')", name="origin"),
        CheckConstraint("status in ('requested', 'approved', 'refused')", name="status"),
        CheckConstraint("revision = btrim(revision)", name="revision"),
        CheckConstraint("round > 0", name="round"),
        CheckConstraint("condition in ('none', 'certificate', 'lots', 'other')", name="condition"),
        CheckConstraint("(condition = 'lots') = (most_lots is not null) and most_lots > 0", name="most_lots"),
        CheckConstraint("condition <> 'other' or btrim(condition_text) <> ''", name="condition_text"),
        CheckConstraint("reassess_on < expires_on", name="reassess"),
        CheckConstraint("(approved_at is null) = (approved_by_id is null)", name="approved_by"),
        CheckConstraint(
            "status <> 'approved' or (approved_at is null and origin <> 'native')"
            " or (expires_on is not null and reassess_on is not null)",
            name="approved",
        ),
        CheckConstraint("(status = 'refused') = (refused_at is not null)", name="refused"),
        Index("uq_supplier_approval_for", "supplier_id", "item_id", text("lower(revision)"), unique=True),
    )
    id: int = key()
    subject_id: int = subject_key("supplier_approval")
    public_id: UUID = public_key()
    approval_no: str = words(unique=True)
    supplier_id: int = ref("supplier.id", index=False)
    item_id: int = ref("item.id")
    revision: str = words("")
    origin: str = words("native")
    reason: str = words("")
    status: str = words("requested")
    round: int = count(1)
    round_at: datetime = instant(now=True)
    asked_by_id: int | None = ref("person.id", nullable=True, index=False)
    condition: str = words("none")
    most_lots: int | None = None
    condition_text: str | None = words(nullable=True)
    expires_on: date | None = _day()
    reassess_on: date | None = _day()
    approved_at: datetime | None = instant(nullable=True)
    approved_by_id: int | None = ref("person.id", nullable=True, index=False)
    refused_at: datetime | None = instant(nullable=True)
    opened_at: datetime = instant(now=True)


class SupplierReceipt(SQLModel, table=True):
    """What the list said of a lot when it was received: by which entry, and the hold where none covers it; append-only.

    `terms_at` is when the terms by which it was judged were signed: a number of lots is counted from then on.
    """

    __tablename__ = "supplier_receipt"
    __table_args__ = (
        UniqueConstraint("lot_id"),
        CheckConstraint(
            "finding in ('approved', 'uncontrolled', 'unnamed', 'unlisted', 'revision',"
            " 'undecided', 'refused', 'expired', 'certificate', 'used_up', 'condition')",
            name="finding",
        ),
        CheckConstraint("(hold_id is null) = (finding in ('approved', 'uncontrolled'))", name="held"),
    )
    id: int = key()
    lot_id: int = ref("lot.id", index=False)
    approval_id: int | None = ref("supplier_approval.id", nullable=True)
    finding: str = words()
    revision: str = words("")
    certificate_no: str | None = words(nullable=True)
    terms_at: datetime | None = instant(nullable=True)
    hold_id: int | None = ref("hold.id", nullable=True, index=False)
    judged_at: datetime = instant(now=True)


class SamplingSeverity(SQLModel, table=True):
    """How strictly the lots of an item from a supplier are inspected, and since when: by the switching rules, whatever alerts there are."""

    __tablename__ = "sampling_severity"
    __table_args__ = (
        UniqueConstraint("supplier_id", "item_id"),
        CheckConstraint("severity in ('normal', 'tightened')", name="severity"),
    )
    id: int = key()
    supplier_id: int = ref("supplier.id", index=False)
    item_id: int = ref("item.id")
    severity: str = words("normal")
    since: datetime = instant(now=True)


class SamplingLot(SQLModel, table=True):
    """A lot in the series of its item and supplier, by its first incoming inspection: how strictly it was inspected, and the next one is; append-only."""

    __tablename__ = "sampling_lot"
    __table_args__ = (
        UniqueConstraint("severity_id", "seq"),
        UniqueConstraint("lot_id"),
        CheckConstraint("seq > 0", name="seq"),
        Index("ix_sampling_lot_switched", "severity_id", "seq", postgresql_where="severity <> then_severity"),
        CheckConstraint(
            "severity in ('normal', 'tightened') and then_severity in ('normal', 'tightened')", name="severity"
        ),
    )
    id: int = key()
    severity_id: int = ref("sampling_severity.id", index=False)
    seq: int = count(1)
    lot_id: int = ref("lot.id", index=False)
    inspection_id: int = ref("inspection.id")
    accepted: bool
    severity: str = words()
    then_severity: str = words()
    judged_at: datetime = instant(now=True)


NUMBERS = Register(SupplierApproval.approval_no)
