"""What is told and answered about charts of incoming lots."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from api.frame.request.shapes import KnownItem, KnownSupplier, Reason, ScannedIn

Characteristic = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
State = Literal["alert", "watched", "unlimited"]


class WatchLotsIn(ScannedIn):
    """Incoming lots get limits: of a characteristic by its name in the plan, or, without one, of their rejects."""

    supplier_no: KnownSupplier
    item_no: KnownItem
    characteristic: Characteristic = ""
    reason: Reason = Field(examples=["来货尺寸偏移"])


class ChartOut(BaseModel):
    """A chart and how it stands: `unlimited` before its first limits are frozen, `alert` while one is open; means in `unit`, shares of 1."""

    number: str
    subject: UUID
    stands: State
    charted: Literal["mean", "rejects"]
    characteristic: str
    unit: str
    supplier_no: str
    supplier: str
    item_no: str
    item: str
    version: int | None
    centre: float | None
    sigma: float | None
    usual: float | None
    worse: float | None
    rules: list[str] | None
    lots: int
    judged_at: datetime | None
    alert: str | None
    sampling: Literal["normal", "tightened"]
    tightened_at: datetime | None


class AlarmsOut(BaseModel):
    """How many lots were judged, how many alerts are closed, and in how many of them no cause was found."""

    judged: int
    closed: int
    no_cause: int


class ChartsOut(BaseModel):
    """The charts by number, how many stand how, and where the rest begins."""

    items: list[ChartOut]
    counts: dict[State, int]
    alarms: AlarmsOut
    next: str | None


class PointOut(BaseModel):
    """What a lot added: its mean or its rejected pieces, the sums after it, and by which version of the limits it was judged."""

    seq: int
    lot: str
    inspection: str
    value: float | None
    seen: int
    rejected: int
    high: float
    low: float
    judged_at: datetime
    version: int


class EvidenceOut(BaseModel):
    """A rule with the lots that made it, as they were kept."""

    rule: str
    points: list[dict[str, Any]]
    raised_at: datetime


class AlertOut(BaseModel):
    """An alert with its evidence, and what it came to."""

    number: str
    subject: UUID
    status: Literal["open", "closed"]
    decision: Literal["no_cause", "ask_supplier", "capa"] | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    evidence: list[EvidenceOut]


class WholeChartOut(ChartOut):
    """One chart with the lots that its limits come from, the newest lots that it judged, and its newest alerts."""

    base: list[dict[str, Any]] | None
    left_out: list[str] | None
    basis: str | None
    approved_at: datetime | None
    approved_by: str | None
    points: list[PointOut]
    alerts: list[AlertOut]
