"""Making: work orders with their frozen routing, and operation runs with man, machine, material, method, environment."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

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


class OperationRun(SQLModel, table=True):
    """One operation as it was done, and what it made.

    Batches that were sterilised or cleaned together have a run each, of their own work order; `load_no` is the cycle that
    they shared, so a load has many batches and a batch, reworked or sterilised twice, many loads (requirement 62).
    """

    __tablename__ = "operation_run"
    __table_args__ = (
        UniqueConstraint("work_order_id", "seq", "run_no"),
        CheckConstraint("finished_at >= started_at", name="period"),
        Index("ix_operation_run_load_no", "load_no", postgresql_where="load_no is not null"),
    )
    id: int = key()
    public_id: UUID = public_key()
    work_order_id: int = ref("work_order.id", index=False)
    lot_id: int = ref("lot.id")
    seq: int
    run_no: int = count(1)
    code: str = words()
    started_at: datetime = instant()
    finished_at: datetime = instant()
    recorded_by_id: int = ref("person.id")
    recorded_at: datetime = instant(now=True)
    document: str | None = words(nullable=True)
    document_version: str | None = words(nullable=True)
    location_id: int | None = ref("location.id", nullable=True)
    produced: Decimal = amount(default="0")
    scrapped: Decimal = amount(default="0")
    load_no: str | None = words(nullable=True)
    late_reason: str | None = words(nullable=True)


class OperationPerson(SQLModel, table=True):
    """Who did it, and the qualification that allowed it."""

    __tablename__ = "operation_person"
    __table_args__ = (UniqueConstraint("operation_run_id", "person_id"),)
    id: int = key()
    operation_run_id: int = ref("operation_run.id", index=False)
    person_id: int = ref("person.id")
    qualification_id: int | None = ref("qualification.id", nullable=True)


class OperationEquipment(SQLModel, table=True):
    """With which machine, and the calibration that held."""

    __tablename__ = "operation_equipment"
    __table_args__ = (UniqueConstraint("operation_run_id", "equipment_id"),)
    id: int = key()
    operation_run_id: int = ref("operation_run.id", index=False)
    equipment_id: int = ref("equipment.id")
    calibration_id: int | None = ref("calibration.id", nullable=True)


class OperationParameter(SQLModel, table=True):
    """A process value with its limits; beside a number, `text_value` holds its digits as they were entered."""

    __tablename__ = "operation_parameter"
    id: int = key()
    operation_run_id: int = ref("operation_run.id")
    name: str = words()
    value: Decimal | None = amount(nullable=True)
    text_value: str | None = words(nullable=True)
    unit: str | None = words(nullable=True)
    lower: Decimal | None = amount(nullable=True)
    upper: Decimal | None = amount(nullable=True)


class OperationEnvironment(SQLModel, table=True):
    """Which environment reading belongs to which operation."""

    __tablename__ = "operation_environment"
    __table_args__ = (UniqueConstraint("operation_run_id", "environment_reading_id"),)
    id: int = key()
    operation_run_id: int = ref("operation_run.id", index=False)
    environment_reading_id: int = ref("environment_reading.id")


LOADS = Register(OperationRun.load_no)
