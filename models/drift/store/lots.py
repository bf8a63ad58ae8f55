"""A lot is judged in the transaction that decides its incoming inspection, once for each chart, in the order of the decisions (REQUIREMENTS 50)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.definition.condition import Scalar
from models.drift.rules import judging
from models.drift.rules.cusum import Rates, Sums
from models.drift.rules.judging import Judged
from models.drift.rules.limits import Limits
from models.drift.rules.run_rules import WIDEST
from models.drift.store import alerts, charts, readings
from models.drift.store.readings import Reading
from models.drift.tables import DriftChart, DriftLimits, DriftPoint, DriftWatch
from models.inspection.tables import Inspection
from models.lot.tables import Lot
from models.process.messages.process import By


def hear(session: Session, lot: Lot, said: Mapping[str, Scalar], by: By, now: datetime) -> None:
    """An inspection of a lot was decided: where its supplier and item are watched, each chart with limits takes it up.

    Two lots at once wait for each other at the watch, so that none judges past the other.  Readings don't change once they are decided
    on; what is inspected again was judged by its first inspection (STANDARDS Q 88).
    """
    if said["stage"] != "incoming" or lot.supplier_id is None:
        return
    watch = charts.lock_watch(session, lot.supplier_id, lot.item_id)
    if watch is None:
        return
    inspection = session.exec(select(Inspection).where(Inspection.inspection_no == said["inspection"])).one()
    if inspection.revision != 1:
        return
    watched = select(DriftChart).where(DriftChart.watch_id == watch.id).order_by(col(DriftChart.id))
    for chart in session.exec(watched).all():
        frozen = charts.in_force(session, chart.id)
        reading = None if frozen is None else readings.of_inspection(session, chart, inspection.id)
        if frozen is not None and reading is not None:
            _judge(session, watch, chart, frozen, reading, by, now)


def _judge(
    session: Session, watch: DriftWatch, chart: DriftChart, frozen: DriftLimits, reading: Reading, by: By, now: datetime
) -> None:
    before = _series(session, chart)
    judged = judge(frozen, reading, before)
    last = session.exec(
        select(DriftPoint.seq).where(DriftPoint.chart_id == chart.id).order_by(col(DriftPoint.seq).desc()).limit(1)
    ).first()
    point = DriftPoint(
        chart_id=chart.id,
        seq=1 + (last or 0),
        limits_id=frozen.id,
        lot_id=reading.lot_id,
        inspection_id=reading.inspection,
        value=reading.value,
        seen=reading.seen,
        rejected=reading.rejected,
        high=judged.sums.high,
        low=judged.sums.low,
        judged_at=now,
    )
    session.add(point)
    session.flush()
    if judged.met:
        raised = [(one.rule, [*(before[n].seq for n in one.points[:-1]), point.seq]) for one in judged.met]
        alerts.raise_(session, watch, chart, point, reading.lot, raised, by, now)


def judge(frozen: DriftLimits, reading: Reading, before: Sequence[Any]) -> Judged:
    """What the frozen limits say of the lot, after those before it in the series."""
    sums = [Sums(high=one.high, low=one.low) for one in before]
    if frozen.usual is not None and frozen.worse is not None:
        return judging.rejects(reading.seen, reading.rejected, sums, Rates(usual=frozen.usual, worse=frozen.worse))
    if frozen.centre is None or frozen.sigma is None or reading.value is None:
        raise ValueError(f"limits {frozen.id} judge means, and have none")
    values = [*(one.value for one in before), reading.value]
    return judging.mean(values, sums, Limits(centre=frozen.centre, sigma=frozen.sigma), frozen.rules)


def _series(session: Session, chart: DriftChart) -> Sequence[DriftPoint]:
    """The points that rules and sums look back over: the newest of the series, and as far back as a sum hasn't been nothing."""
    of = (DriftPoint.chart_id == chart.id, DriftPoint.seq > chart.begins_after)
    query = select(DriftPoint).where(*of).order_by(col(DriftPoint.seq).desc())
    nothing = select(DriftPoint.seq).where(*of, (DriftPoint.high == 0) & (DriftPoint.low == 0))
    zero = session.exec(nothing.order_by(col(DriftPoint.seq).desc()).limit(1)).first() or chart.begins_after
    last = session.exec(query.limit(1)).first()
    if last is None:
        return ()
    since = min(zero, last.seq - WIDEST)
    return tuple(reversed(session.exec(query.where(DriftPoint.seq > since)).all()))
