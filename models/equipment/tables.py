"""Places and machines: locations, equipment, calibrations (ISO 13485 7.6) and environment readings."""

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, CheckConstraint, Date, Index, Text, UniqueConstraint, text

from models.kernel.columns import (
    UUID,
    Any,
    Field,
    SQLModel,
    amount,
    datetime,
    flag,
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
    """One calibration; the equipment may be used before the instant `due_at` only.

    One that was signed (`run_id`) says what was found before anything was adjusted (`as_found`), the `readings` with unit, limits and
    uncertainty, the standard that it was compared with and until when that held, who did it, and its certificates.
    """

    __tablename__ = "calibration"
    __table_args__ = (
        CheckConstraint("result in ('passed', 'failed')", name="result"),
        CheckConstraint("as_found in ('within', 'out')", name="as_found"),
        CheckConstraint("interval_months > 0", name="interval_months"),
        CheckConstraint("(run_id is null) = (as_found is null)", name="signed"),
        CheckConstraint("standard_id <> equipment_id", name="standard"),
    )
    id: int = key()
    equipment_id: int = ref("equipment.id")
    performed_at: datetime = instant()
    due_at: datetime = instant()
    result: str = words("passed")
    certificate: str | None = words(nullable=True)
    run_id: int | None = ref("process_run.id", nullable=True)
    as_found: str | None = words(nullable=True)
    readings: list[Any] = json_list()
    unit: str | None = words(nullable=True)
    standard_id: int | None = ref("equipment.id", nullable=True)
    standard_said: str | None = words(nullable=True)
    standard_until: date | None = Field(default=None, sa_type=Date, nullable=True)
    standard_good: bool = flag(default=True)
    done_by: str | None = words(nullable=True)
    interval_months: int | None = Field(default=None, nullable=True)
    files: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), nullable=False, sa_column_kwargs={"server_default": text("'{}'")}
    )


class EquipmentBlock(SQLModel, table=True):
    """It may not be used: a calibration found it, or the standard that it was compared with, out of tolerance.

    What it measured from `doubted_since` (null: ever) to `doubted_until`, both within, is doubted.  A passed calibration done at
    `good_from` or later, and the closed assessment, free it.
    """

    __tablename__ = "equipment_block"
    __table_args__ = (
        UniqueConstraint("calibration_id", "equipment_id"),
        CheckConstraint("because in ('found', 'standard')", name="because"),
        CheckConstraint("doubted_since <= doubted_until", name="doubted"),
        CheckConstraint("(lifted_at is null) = (lifted_by_id is null)", name="lifted"),
        Index("ix_equipment_block_open", "equipment_id", postgresql_where="lifted_at is null"),
    )
    id: int = key()
    equipment_id: int = ref("equipment.id")
    calibration_id: int = ref("calibration.id", index=False)
    because: str = words()
    doubted_since: datetime | None = instant(nullable=True)
    doubted_until: datetime = instant()
    good_from: datetime = instant()
    placed_at: datetime = instant(now=True)
    lifted_at: datetime | None = instant(nullable=True)
    lifted_by_id: int | None = ref("person.id", nullable=True, index=False)


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
