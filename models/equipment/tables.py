"""Places and machines: locations, equipment, calibrations (ISO 13485 7.6) and environment readings."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index

from models.kernel.columns import (
    UUID,
    Any,
    SQLModel,
    amount,
    datetime,
    flag,
    instant,
    json_document,
    key,
    public_key,
    ref,
    subject_key,
    words,
)
from models.register.rules import Register


class Equipment(SQLModel, table=True):
    """A machine or gauge."""

    __tablename__ = "equipment"
    __table_args__ = (CheckConstraint("status in ('in_service', 'out_of_service')", name="status"),)
    id: int = key()
    subject_id: int = subject_key("equipment")
    public_id: UUID = public_key()
    equipment_no: str = words(unique=True)
    name: str = words()
    name_en: str | None = words(nullable=True)
    kind: str = words()
    status: str = words("in_service")
    needs_calibration: bool = flag(default=True)
    location_id: int | None = ref("location.id", nullable=True)
    extra: dict[str, Any] = json_document()


class Calibration(SQLModel, table=True):
    """One calibration; the equipment may be used before the instant `due_at` only."""

    __tablename__ = "calibration"
    __table_args__ = (CheckConstraint("result in ('passed', 'failed')", name="result"),)
    id: int = key()
    equipment_id: int = ref("equipment.id")
    performed_at: datetime = instant()
    due_at: datetime = instant()
    result: str = words("passed")
    certificate: str | None = words(nullable=True)


class EnvironmentReading(SQLModel, table=True):
    """A measured condition of a room at an instant, with the limits that held then; `told` are its digits as entered."""

    __tablename__ = "environment_reading"
    __table_args__ = (Index("ix_environment_reading_room_time", "location_id", "measured_at"),)
    id: int = key()
    location_id: int = ref("location.id", index=False)
    measured_at: datetime = instant()
    quantity: str = words()
    value: Decimal = amount()
    unit: str = words()
    lower: Decimal | None = amount(nullable=True)
    upper: Decimal | None = amount(nullable=True)
    source_system: str | None = words(nullable=True)
    told: str | None = words(nullable=True)


EQUIPMENT = Register(Equipment.equipment_no)
