"""Measuring: plans with characteristics, inspections of lots, results, and the nonconformances they raise."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint

from models.kernel.columns import (
    UUID,
    SQLModel,
    amount,
    count,
    datetime,
    instant,
    key,
    public_key,
    ref,
    words,
)
from models.register.rules import Register


class InspectionPlan(SQLModel, table=True):
    """What to measure on an item (or, with `item_id` null, on any item of `item_kind`) at a stage.

    `qualification` is what whoever records results must hold.
    """

    __tablename__ = "inspection_plan"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("stage in ('incoming', 'final')", name="stage"),
        CheckConstraint("status in ('effective', 'superseded')", name="status"),
    )
    id: int = key()
    code: str = words()
    version: int = count(1)
    title: str = words()
    title_en: str | None = words(nullable=True)
    stage: str = words()
    item_id: int | None = ref("item.id", nullable=True)
    item_kind: str | None = words(nullable=True)
    status: str = words("effective")
    qualification: str | None = words(nullable=True)


class Characteristic(SQLModel, table=True):
    """One thing to measure: a variable with limits or an attribute that is good or not, on `sample_size` pieces."""

    __tablename__ = "characteristic"
    __table_args__ = (
        UniqueConstraint("plan_id", "seq"),
        CheckConstraint("kind in ('variable', 'attribute')", name="kind"),
        CheckConstraint("sample_size > 0", name="sample_size"),
    )
    id: int = key()
    plan_id: int = ref("inspection_plan.id", index=False)
    seq: int
    name_zh: str = words()
    name_en: str = words()
    kind: str = words()
    unit: str | None = words(nullable=True)
    lower: Decimal | None = amount(nullable=True)
    upper: Decimal | None = amount(nullable=True)
    sample_size: int = count(1)
    accept: int = count(0)
    equipment_kind: str | None = words(nullable=True)


class Inspection(SQLModel, table=True):
    """One inspection of a lot.  A verdict is never changed; a new revision follows a signed reason (ISO 13485 8.2.6)."""

    __tablename__ = "inspection"
    __table_args__ = (
        UniqueConstraint("lot_id", "stage", "revision"),
        CheckConstraint("status in ('open', 'accepted', 'failed')", name="status"),
    )
    id: int = key()
    public_id: UUID = public_key()
    inspection_no: str = words(unique=True)
    lot_id: int = ref("lot.id", index=False)
    plan_id: int | None = ref("inspection_plan.id", nullable=True)
    stage: str = words()
    revision: int = count(1)
    status: str = words("open")
    opened_at: datetime = instant(now=True)
    decided_at: datetime | None = instant(nullable=True)
    decided_by_id: int | None = ref("person.id", nullable=True)
    origin: str = words("native")


class InspectionResult(SQLModel, table=True):
    """One measured value; append-only, a corrected value is a later row of the same sample with a reason.

    `text_value` holds the digits that were entered, with the zeros at the end; rows of before have none.  `measured_at` is told
    of what was measured before it was entered; `late_reason` says why it comes later than the plant allows.
    """

    __tablename__ = "inspection_result"
    id: int = key()
    inspection_id: int = ref("inspection.id")
    characteristic_id: int | None = ref("characteristic.id", nullable=True)
    name: str | None = words(nullable=True)
    sample_no: int = count(1)
    value: Decimal | None = amount(nullable=True)
    text_value: str | None = words(nullable=True)
    passed: bool
    recorded_by_id: int | None = ref("person.id", nullable=True)
    recorded_at: datetime = instant(now=True)
    equipment_id: int | None = ref("equipment.id", nullable=True)
    reason: str | None = words(nullable=True)
    measured_at: datetime | None = instant(nullable=True)
    late_reason: str | None = words(nullable=True)


PLANS = Register(InspectionPlan.code)
