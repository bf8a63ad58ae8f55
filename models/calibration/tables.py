"""What is assessed when an instrument was out of tolerance: the assessment with what it found frozen, and each result with its decision (ISO 13485 7.6)."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from models.kernel.columns import (
    UUID,
    Any,
    Field,
    SQLModel,
    amount,
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


class OutOfTolerance(SQLModel, table=True):
    """The assessment that a calibration began: which instruments are doubted from when to when, and what they measured.

    `instruments`, `lots` (with what was made of each) and `customers` are as the record had them when it was opened, and `digest` covers
    them with the results; none of it changes.
    """

    __tablename__ = "out_of_tolerance"
    __table_args__ = (
        UniqueConstraint("calibration_id"),
        CheckConstraint("status in ('open', 'closed')", name="status"),
        CheckConstraint("(status = 'open') = (closed_at is null)", name="closed"),
        CheckConstraint("results >= 0", name="results"),
    )
    id: int = key()
    subject_id: int = subject_key("out_of_tolerance")
    public_id: UUID = public_key()
    assessment_no: str = words(unique=True)
    title: str = words()
    title_en: str = words()
    equipment_id: int = ref("equipment.id")
    calibration_id: int = ref("calibration.id", index=False)
    instruments: list[Any] = json_list()
    lots: list[Any] = json_list()
    customers: list[Any] = json_list()
    counts: dict[str, Any] = json_document()
    results: int = count(0)
    digest: str = words()
    status: str = words("open")
    opened_at: datetime = instant(now=True)
    closed_at: datetime | None = instant(nullable=True)


class OutOfToleranceResult(SQLModel, table=True):
    """What was measured or made while the equipment is doubted, as it stood then, and what was decided of it: once, by a signature.

    It is a result of an inspection (`result_id`), or an operation (`operation_run_id`): then `characteristic` is its step, `sample_no` which time
    the step was done, `told` the values that were recorded with it, and `began_at` to `measured_at` the time of the work.
    """

    __tablename__ = "out_of_tolerance_result"
    __table_args__ = (
        UniqueConstraint("assessment_id", "seq"),
        UniqueConstraint("assessment_id", "result_id"),
        UniqueConstraint(
            "assessment_id", "operation_run_id", "equipment_id", name="uq_out_of_tolerance_result_operation"
        ),
        CheckConstraint("num_nonnulls(result_id, operation_run_id) = 1", name="about"),
        CheckConstraint("num_nulls(result_id, inspection_no, passed) in (0, 3)", name="of_result"),
        CheckConstraint(
            "(operation_run_id is null) = (began_at is null) and began_at <= measured_at", name="of_operation"
        ),
        CheckConstraint("seq > 0", name="seq"),
        CheckConstraint("decision in ('no_effect', 'reinspect', 'nonconformance')", name="decision"),
        CheckConstraint("num_nulls(decision, decided_at, decided_by_id, reason) in (0, 4)", name="decided"),
        Index("ix_out_of_tolerance_result_open", "assessment_id", postgresql_where="decided_at is null"),
    )
    id: int = key()
    assessment_id: int = ref("out_of_tolerance.id", index=False)
    seq: int = count(1)
    result_id: int | None = ref("inspection_result.id", nullable=True)
    operation_run_id: int | None = ref("operation_run.id", nullable=True)
    equipment_id: int = ref("equipment.id", index=False)
    lot_id: int = ref("lot.id")
    inspection_no: str | None = words(nullable=True)
    characteristic: str = words()
    characteristic_en: str | None = words(nullable=True)
    sample_no: int = count(1)
    value: Decimal | None = amount(nullable=True)
    told: str | None = words(nullable=True)
    unit: str | None = words(nullable=True)
    passed: bool | None = Field(default=None, nullable=True)
    began_at: datetime | None = instant(nullable=True)
    measured_at: datetime = instant()
    decision: str | None = words(nullable=True)
    decided_at: datetime | None = instant(nullable=True)
    decided_by_id: int | None = ref("person.id", nullable=True, index=False)
    reason: str | None = words(nullable=True)
    nonconformance_id: int | None = ref("nonconformance.id", nullable=True, index=False)


NUMBERS = Register(OutOfTolerance.assessment_no)
