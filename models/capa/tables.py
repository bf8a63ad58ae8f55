"""CAPA: the case, what was planned in each round with its criterion, and what was measured (ISO 13485 8.5.2)."""

from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, CheckConstraint, Date, Index, Text, UniqueConstraint, text

from models.kernel.columns import (
    UUID,
    Any,
    Field,
    SQLModel,
    amount,
    count,
    datetime,
    instant,
    json_list,
    key,
    public_key,
    ref,
    subject_key,
    words,
)
from models.register.rules import Register


class Capa(SQLModel, table=True):
    """A corrective or preventive action, from what began it to the proof that it has helped.

    `item_id` and `supplier_id` are what the first finding was of: by them its owner is found.  What else it is tied to stands in the
    links of its run.
    """

    __tablename__ = "capa"
    __table_args__ = (
        CheckConstraint("status in ('open', 'closed', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'open') = (closed_at is null)", name="closed"),
        CheckConstraint("btrim(title) <> ''", name="title"),
    )
    id: int = key()
    subject_id: int = subject_key("capa")
    public_id: UUID = public_key()
    capa_no: str = words(unique=True)
    title: str = words()
    title_en: str | None = words(nullable=True)
    status: str = words("open")
    source: str = words("hand")
    item_id: int | None = ref("item.id", nullable=True)
    supplier_id: int | None = ref("supplier.id", nullable=True)
    opened_at: datetime = instant(now=True)
    opened_by_id: int | None = ref("person.id", nullable=True, index=False)
    closed_at: datetime | None = instant(nullable=True)


class CapaPlan(SQLModel, table=True):
    """What is to be done in one round, and the criterion by which it has helped; a signature fixes both (`fixed_at`).

    `verified_at` is when the actions were verified: the measuring begins then.  `actions` are the rows of the form.
    """

    __tablename__ = "capa_plan"
    __table_args__ = (
        UniqueConstraint("capa_id", "round"),
        CheckConstraint("measure in ('findings', 'failed_share', 'mean')", name="measure"),
        CheckConstraint("direction in ('at_most', 'at_least')", name="direction"),
        CheckConstraint("(measure = 'mean') = (characteristic is not null)", name="characteristic"),
        CheckConstraint("least > 0", name="least"),
        CheckConstraint("round > 0", name="round"),
        CheckConstraint("(fixed_at is null) = (fixed_by_id is null)", name="fixed"),
        CheckConstraint("verified_at >= fixed_at", name="verified"),
    )
    id: int = key()
    capa_id: int = ref("capa.id", index=False)
    round: int = count(1)
    actions: list[Any] = json_list()
    measure: str = words()
    direction: str = words("at_most")
    limit_value: Decimal = amount()
    least: int = count(1)
    item_id: int | None = ref("item.id", nullable=True, index=False)
    supplier_id: int | None = ref("supplier.id", nullable=True, index=False)
    characteristic: str | None = words(nullable=True)
    measure_on: date = Field(default=None, sa_type=Date, nullable=False)
    planned_by_id: int = ref("person.id", index=False)
    planned_at: datetime = instant(now=True)
    fixed_by_id: int | None = ref("person.id", nullable=True, index=False)
    fixed_at: datetime | None = instant(nullable=True)
    verified_at: datetime | None = instant(nullable=True)


class CapaMeasurement(SQLModel, table=True):
    """What the record said of the time from `since` to `until`: once for each plan, by itself, and never changed.

    `observed` is how many findings, inspections or values there were, `behind` the numbers of those that count against it.
    """

    __tablename__ = "capa_measurement"
    __table_args__ = (
        UniqueConstraint("plan_id"),
        CheckConstraint("result in ('effective', 'failed', 'no_data')", name="result"),
        CheckConstraint("(result = 'no_data') or value is not null", name="value"),
        CheckConstraint("observed >= 0", name="observed"),
        CheckConstraint("until >= since", name="span"),
    )
    id: int = key()
    plan_id: int = ref("capa_plan.id", index=False)
    since: datetime = instant()
    until: datetime = instant()
    value: Decimal | None = amount(nullable=True)
    observed: int = count(0)
    behind: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), nullable=False, sa_column_kwargs={"server_default": text("'{}'")}
    )
    result: str = words()
    measured_at: datetime = instant(now=True)


class CapaScope(SQLModel, table=True):
    """A saved trace query: this batch and what was made of it (`forward`), went into it (`backward`), or both.

    Only the query is kept.  What it reaches is asked of the graph, so new relatives are there as soon as their link is.
    """

    __tablename__ = "capa_scope"
    __table_args__ = (
        CheckConstraint("direction in ('forward', 'backward', 'both')", name="direction"),
        CheckConstraint("btrim(reason) <> ''", name="reason"),
        CheckConstraint("num_nonnulls(ended_by_id, ended_at, nullif(btrim(end_reason), '')) in (0, 3)", name="ended"),
        Index("uq_capa_scope_lot", "capa_id", "lot_id", unique=True, postgresql_where="ended_at is null"),
    )
    id: int = key()
    capa_id: int = ref("capa.id", index=False)
    lot_id: int = ref("lot.id")
    direction: str = words("forward")
    reason: str = words()
    added_by_id: int = ref("person.id", index=False)
    added_at: datetime = instant(now=True)
    ended_by_id: int | None = ref("person.id", nullable=True, index=False)
    ended_at: datetime | None = instant(nullable=True)
    end_reason: str | None = words(nullable=True)


NUMBERS = Register(Capa.capa_no)
