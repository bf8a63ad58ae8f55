"""The trace health check (requirement 26): every run with its scores, and every finding from when until when it stood."""

from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.kernel.columns import (
    UUID,
    Any,
    SQLModel,
    amount,
    count,
    datetime,
    flag,
    instant,
    json_document,
    key,
    public_key,
    ref,
    words,
)


class TraceHealthRun(SQLModel, table=True):
    """One check of the whole plant; `at` is the moment whose record it judged.  Never changed."""

    __tablename__ = "trace_health_run"
    __table_args__ = (
        CheckConstraint("cause in ('schedule', 'manual')", name="cause"),
        CheckConstraint("score between 0 and 100", name="score"),
    )
    id: int = key()
    public_id: UUID = public_key()
    at: datetime = instant()
    seconds: Decimal = amount()
    cause: str = words("schedule")
    asked_by_id: int | None = ref("person.id", nullable=True)
    lots: int = count(0)
    edges: int = count(0)
    findings: int = count(0)
    appeared: int = count(0)
    cleared: int = count(0)
    score: int = count(100)


class TraceHealthScore(SQLModel, table=True):
    """An item family in one run: its lots, how many of them have which worst finding, findings by code.  Never changed."""

    __tablename__ = "trace_health_score"
    __table_args__ = (
        UniqueConstraint("run_id", "family"),
        CheckConstraint("score between 0 and 100", name="score"),
    )
    id: int = key()
    run_id: int = ref("trace_health_run.id", index=False)
    family: str = words()
    lots: int = count(0)
    gap: int = count(0)
    balance: int = count(0)
    doubt: int = count(0)
    score: int = count(100)
    codes: dict[str, Any] = json_document()


class TraceFinding(SQLModel, table=True):
    """What a check found on a lot, from the run that saw it first until the one that saw it no more.

    `facts` fill the sentence of the code; `fingerprint` tells findings of one lot and code apart.
    """

    __tablename__ = "trace_finding"
    __table_args__ = (
        Index(
            "uq_trace_finding_open",
            "lot_id",
            "code",
            "fingerprint",
            unique=True,
            postgresql_where="cleared_run_id is null",
        ),
        Index("ix_trace_finding_open_code", "code", "id", postgresql_where="cleared_run_id is null"),
    )
    id: int = key()
    lot_id: int = ref("lot.id")
    code: str = words()
    family: str = words()
    facts: dict[str, Any] = json_document()
    fingerprint: str = words()
    found_run_id: int = ref("trace_health_run.id", index=False)
    cleared_run_id: int | None = ref("trace_health_run.id", nullable=True, index=False)


class TraceHealthLot(SQLModel, table=True):
    """Work of a check in hand: what is known of each lot.  Empty between checks, and not logged."""

    __tablename__ = "trace_health_lot"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)
    lot_id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    lot_no: str = words()
    kind: str = words()
    origin: str = words()
    uom: str = words()
    manufactured_on: str | None = words(nullable=True)
    supplier_lot_no: str | None = words(nullable=True)
    supplier: str | None = words(nullable=True)
    family: str = words()
    has_parents: bool = flag()
    made_at: datetime | None = instant(nullable=True)
    used_at: datetime | None = instant(nullable=True)
    left_at: datetime | None = instant(nullable=True)
    linked: Decimal = amount()
    unclear: int = count(0)
    received: Decimal = amount()
    consumed: Decimal = amount()
    adjusted: Decimal = amount()
    lost: Decimal = amount()
    reshaped_in: Decimal = amount()
    reshaped_out: Decimal = amount()
    shipped: Decimal = amount()
    returned: Decimal = amount()
    stock: Decimal = amount()
    came: Decimal = amount()
    difference: Decimal = amount()


class TraceHealthFound(SQLModel, table=True):
    """Work of a check in hand: what it finds, before that is held against what stood.  Empty between checks."""

    __tablename__ = "trace_health_found"
    __table_args__ = (Index("ix_trace_health_found_lot_id", "lot_id", "code"), {"prefixes": ["UNLOGGED"]})
    id: int = key()
    lot_id: int = Field(sa_type=BigInteger)
    family: str = words()
    code: str = words()
    facts: dict[str, Any] = json_document()
    fingerprint: str = words()
