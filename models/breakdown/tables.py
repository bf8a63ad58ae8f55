"""A breakdown of equipment, each report of it, and the batches that were under way (ISO 13485 6.3, 8.3; 21 CFR 820.70(g))."""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from models.kernel.columns import UUID, SQLModel, datetime, instant, key, public_key, ref, subject_key, words
from models.register.rules import Register


class Breakdown(SQLModel, table=True):
    """Equipment is out of use from `happened_at` on, that moment within, until a signature takes it back, or for good.

    `found`, `done`, `repaired_at` and `again` (what it needs before it is used again) are the repair as it was recorded last.
    """

    __tablename__ = "breakdown"
    __table_args__ = (
        CheckConstraint("status in ('open', 'back', 'retired')", name="status"),
        CheckConstraint("num_nulls(ended_at, ended_by_id) = case status when 'open' then 2 else 0 end", name="ended"),
        CheckConstraint(
            "num_nulls(found, done, repairer, repaired_at, repaired_by_id, again) in (0, 6)", name="repaired"
        ),
        CheckConstraint("status <> 'back' or repaired_at is not null", name="back"),
        CheckConstraint("again in ('none', 'calibration', 'qualification')", name="again"),
        CheckConstraint("happened_at <= reported_at and happened_at <= repaired_at", name="times"),
        Index("uq_breakdown_open", "equipment_id", unique=True, postgresql_where="status <> 'back'"),
        Index("ix_breakdown_equipment_id", "equipment_id"),
    )
    id: int = key()
    subject_id: int = subject_key("breakdown")
    public_id: UUID = public_key()
    breakdown_no: str = words(unique=True)
    title: str = words()
    title_en: str = words()
    equipment_id: int = ref("equipment.id", index=False)
    status: str = words("open")
    happened_at: datetime = instant()
    reported_at: datetime = instant(now=True)
    reported_by_id: int = ref("person.id", index=False)
    found: str | None = words(nullable=True)
    done: str | None = words(nullable=True)
    repairer: str | None = words(nullable=True)
    repaired_at: datetime | None = instant(nullable=True)
    repaired_by_id: int | None = ref("person.id", nullable=True, index=False)
    again: str | None = words(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    ended_by_id: int | None = ref("person.id", nullable=True, index=False)


class BreakdownReport(SQLModel, table=True):
    """What somebody told of it; whoever is second tells of the same breakdown; append-only."""

    __tablename__ = "breakdown_report"
    id: int = key()
    breakdown_id: int = ref("breakdown.id")
    said: str = words()
    happened_at: datetime = instant()
    reported_at: datetime = instant(now=True)
    reported_by_id: int = ref("person.id", index=False)


class BreakdownLot(SQLModel, table=True):
    """A batch that was under way, by the report that named it or by its recorded work, with the deviation that it got; append-only."""

    __tablename__ = "breakdown_lot"
    __table_args__ = (
        UniqueConstraint("breakdown_id", "lot_id"),
        CheckConstraint("because in ('named', 'recorded')", name="because"),
    )
    id: int = key()
    breakdown_id: int = ref("breakdown.id", index=False)
    lot_id: int = ref("lot.id")
    because: str = words()
    nonconformance_id: int = ref("nonconformance.id", index=False)
    found_at: datetime = instant(now=True)


NUMBERS = Register(Breakdown.breakdown_no)
