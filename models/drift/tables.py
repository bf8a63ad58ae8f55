"""What is watched of incoming lots, by which frozen limits, what each lot added, and what was raised (REQUIREMENTS 50, 118; STANDARDS Q 90, Q 91)."""

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Index, UniqueConstraint

from models.kernel.columns import (
    UUID,
    Any,
    Field,
    SQLModel,
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


def _number() -> Any:
    """A figure of statistics: no quantity of goods, so not exact."""
    return Field(default=None, sa_type=Double, nullable=True)


class DriftWatch(SQLModel, table=True):
    """An item from a supplier whose lots are watched, and how it is sampled: tightened while an alert of one of its charts is open."""

    __tablename__ = "drift_watch"
    __table_args__ = (
        UniqueConstraint("supplier_id", "item_id"),
        CheckConstraint("sampling in ('normal', 'tightened')", name="sampling"),
        CheckConstraint(
            "num_nulls(tightened_at, alert_id) = case sampling when 'tightened' then 0 else 2 end", name="tightened"
        ),
    )
    id: int = key()
    supplier_id: int = ref("supplier.id", index=False)
    item_id: int = ref("item.id")
    sampling: str = words("normal")
    tightened_at: datetime | None = instant(nullable=True)
    alert_id: int | None = Field(
        default=None,
        sa_type=BigInteger,
        # an alert is of a chart of a watch, and the watch says which alert tightened it: this link closes the circle
        sa_column_args=[ForeignKey("drift_alert.id", use_alter=True, name="fk_drift_watch_alert_id")],
        nullable=True,
    )


class DriftChart(SQLModel, table=True):
    """A chart of the lots of a watch: of the means of a characteristic, or of rejects (`characteristic` is empty then).

    `begins_after` is the point after which its series begins: all before belongs to limits of before, or to alerts that are closed.
    """

    __tablename__ = "drift_chart"
    __table_args__ = (
        UniqueConstraint("watch_id", "characteristic", "unit"),
        CheckConstraint("charted in ('mean', 'rejects')", name="charted"),
        CheckConstraint("(charted = 'rejects') = (characteristic = '')", name="characteristic"),
        CheckConstraint("begins_after >= 0", name="begins_after"),
    )
    id: int = key()
    subject_id: int = subject_key("drift_chart")
    public_id: UUID = public_key()
    chart_no: str = words(unique=True)
    title: str = words()
    title_en: str = words()
    watch_id: int = ref("drift_watch.id", index=False)
    charted: str = words()
    characteristic: str = words("")
    characteristic_en: str = words("")
    unit: str = words("")
    reason: str = words()
    asked_by_id: int | None = ref("person.id", nullable=True, index=False)
    begins_after: int = count(0)
    opened_at: datetime = instant(now=True)


class DriftLimits(SQLModel, table=True):
    """Limits of a chart as they were proposed, with the lots that they come from; frozen by a signature, from which on the version counts.

    Of means `centre` and `sigma` in the unit of the characteristic, of rejects the shares `usual` and `worse`; `rules` are asked by name.
    """

    __tablename__ = "drift_limits"
    __table_args__ = (
        UniqueConstraint("chart_id", "version"),
        CheckConstraint("status in ('proposed', 'approved', 'replaced')", name="status"),
        CheckConstraint("num_nonnulls(version, approved_at, approved_by_id) in (0, 3)", name="approved"),
        CheckConstraint("(status = 'approved') = (version is not null)", name="version"),
        CheckConstraint(
            "(num_nonnulls(centre, sigma) = 2 and sigma > 0 and num_nonnulls(usual, worse) = 0)"
            " or (num_nonnulls(usual, worse) = 2 and 0 < usual and usual < worse and worse < 1 and num_nonnulls(centre, sigma) = 0)",
            name="figures",
        ),
        CheckConstraint("jsonb_array_length(base) >= 8", name="base"),
        CheckConstraint("jsonb_array_length(rules) > 0", name="rules"),
        Index(
            "uq_drift_limits_proposed",
            "chart_id",
            unique=True,
            postgresql_where="status = 'proposed'",
        ),
    )
    id: int = key()
    chart_id: int = ref("drift_chart.id", index=False)
    status: str = words("proposed")
    version: int | None = None
    centre: float | None = _number()
    sigma: float | None = _number()
    usual: float | None = _number()
    worse: float | None = _number()
    rules: list[Any] = json_list()
    base: list[Any] = json_list()
    left_out: list[Any] = json_list()
    basis: str = words()
    proposed_at: datetime = instant(now=True)
    proposed_by_id: int = ref("person.id", index=False)
    approved_at: datetime | None = instant(nullable=True)
    approved_by_id: int | None = ref("person.id", nullable=True, index=False)


class DriftPoint(SQLModel, table=True):
    """What one lot added to a chart when its first incoming inspection was decided, and the sums after it; append-only."""

    __tablename__ = "drift_point"
    __table_args__ = (
        UniqueConstraint("chart_id", "seq"),
        UniqueConstraint("chart_id", "lot_id"),
        CheckConstraint("seq > 0", name="seq"),
        CheckConstraint("0 <= rejected and rejected <= seen and seen > 0", name="seen"),
        CheckConstraint("high >= 0 and low >= 0", name="sums"),
    )
    id: int = key()
    chart_id: int = ref("drift_chart.id", index=False)
    seq: int = count(1)
    limits_id: int = ref("drift_limits.id")
    lot_id: int = ref("lot.id")
    inspection_id: int = ref("inspection.id")
    value: float | None = _number()
    seen: int = count(1)
    rejected: int = count(0)
    high: float = Field(default=0.0, sa_type=Double, nullable=False, sa_column_kwargs={"server_default": "0"})
    low: float = Field(default=0.0, sa_type=Double, nullable=False, sa_column_kwargs={"server_default": "0"})
    judged_at: datetime = instant(now=True)


class DriftAlert(SQLModel, table=True):
    """An alarm of a chart with all that joins it, until it is closed by a signature that says what it came to."""

    __tablename__ = "drift_alert"
    __table_args__ = (
        CheckConstraint("status in ('open', 'closed')", name="status"),
        CheckConstraint(
            "num_nonnulls(decision, closed_at, closed_by_id) = case status when 'closed' then 3 else 0 end",
            name="closed",
        ),
        CheckConstraint("decision in ('no_cause', 'ask_supplier', 'capa')", name="decision"),
        Index("uq_drift_alert_open", "chart_id", unique=True, postgresql_where="status = 'open'"),
        Index("ix_drift_alert_chart_id", "chart_id"),
    )
    id: int = key()
    subject_id: int = subject_key("drift_alert")
    public_id: UUID = public_key()
    alert_no: str = words(unique=True)
    title: str = words()
    title_en: str = words()
    chart_id: int = ref("drift_chart.id", index=False)
    status: str = words("open")
    decision: str | None = words(nullable=True)
    opened_at: datetime = instant(now=True)
    closed_at: datetime | None = instant(nullable=True)
    closed_by_id: int | None = ref("person.id", nullable=True, index=False)


class DriftSignal(SQLModel, table=True):
    """One rule that one lot completed: the evidence of an alert, as it was judged then; append-only."""

    __tablename__ = "drift_signal"
    __table_args__ = (UniqueConstraint("point_id", "rule"),)
    id: int = key()
    alert_id: int = ref("drift_alert.id")
    point_id: int = ref("drift_point.id", index=False)
    rule: str = words()
    points: list[Any] = json_list()
    raised_at: datetime = instant(now=True)


CHARTS = Register(DriftChart.chart_no)
ALERTS = Register(DriftAlert.alert_no)
