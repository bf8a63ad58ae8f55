"""An alarm is an alert with its evidence and tightened sampling, at once; one that is open takes up the next (REQUIREMENTS 50, 118)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from models.capa.store import cases
from models.drift.rules import asking
from models.drift.rules.judging import RULES
from models.drift.store import charts
from models.drift.tables import DriftAlert, DriftChart, DriftPoint, DriftSignal, DriftWatch
from models.item.tables import Item
from models.kernel.time.moments import plant_day
from models.lot.store import lots
from models.partner.tables import Supplier
from models.process import numbering
from models.process.fact import tell as facts
from models.process.messages.process import By

NUMBERED = "drift_alert"
DRIFT, CLOSED = "supplier.drift", "supplier.drift_closed"
EVIDENCE = "drift.evidence"
POINTS = text("""
select p.seq, l.lot_no as lot, i.inspection_no as inspection, p.value, p.seen, p.rejected, p.judged_at
  from drift_point p join lot l on l.id = p.lot_id join inspection i on i.id = p.inspection_id
 where p.chart_id = :chart and p.seq = any(cast(:seqs as int[])) order by p.seq
""")


def lock(session: Session, key: int) -> DriftAlert:
    """The alert of a subject; its watch is locked first, as whoever judges a lot does."""
    watch = (
        select(DriftChart.watch_id)
        .join(DriftAlert, col(DriftAlert.chart_id) == DriftChart.id)
        .where(DriftAlert.subject_id == key)
        .scalar_subquery()
    )
    session.exec(select(DriftWatch.id).where(DriftWatch.id == watch).with_for_update(key_share=True)).one()
    query = select(DriftAlert).where(DriftAlert.subject_id == key)
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).one()


def raise_(
    session: Session,
    watch: DriftWatch,
    chart: DriftChart,
    point: DriftPoint,
    lot: str,
    raised: Sequence[tuple[str, list[int]]],
    by: By,
    now: datetime,
) -> None:
    """Keep what these rules say of the lot as evidence of the open alert, or of a new one, and say so."""
    rules = ", ".join(rule for rule, _ in raised)
    alert = charts.open_alert(session, chart.id)
    if alert is None:
        alert = _open(session, chart, raised[0][0], now)
    for rule, seqs in raised:
        kept = [_plain(one) for one in session.connection().execute(POINTS, {"chart": chart.id, "seqs": seqs})]
        session.add(DriftSignal(alert_id=alert.id, point_id=point.id, rule=rule, points=kept, raised_at=now))
    if watch.sampling == "normal":
        watch.sampling, watch.tightened_at, watch.alert_id = "tightened", now, alert.id
        session.add(watch)
    session.flush()
    told = {
        "number": alert.alert_no,
        "chart": chart.chart_no,
        "supplier": session.get_one(Supplier, watch.supplier_id).supplier_no,
        "item": session.get_one(Item, watch.item_id).item_no,
        "rules": rules,
        "lot": lot,
    }
    facts.tell(session, alert, DRIFT, by, now, told, once=f"{chart.chart_no}/{point.seq}", held=True)


def _open(session: Session, chart: DriftChart, rule: str, now: datetime) -> DriftAlert:
    year = plant_day(now, lots.site_zone(session)).year
    said = RULES[rule]
    row = DriftAlert(
        alert_no=f"DA-{year}-{numbering.take(session, NUMBERED, year=year):04d}",
        title=f"{chart.title}：{said.zh}",
        title_en=f"{chart.title_en}: {said.en}",
        chart_id=chart.id,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def _plain(one: Any) -> dict[str, Any]:
    return {**one._mapping, "judged_at": one.judged_at.isoformat()}  # noqa: SLF001 - SQLAlchemy's public name


def signals(session: Session, alert: int) -> Sequence[DriftSignal]:
    """Its evidence, the oldest first."""
    return session.exec(select(DriftSignal).where(DriftSignal.alert_id == alert).order_by(col(DriftSignal.id))).all()


def evidence(session: Session, alert: DriftAlert) -> int:
    """How much there is of it; what comes while it is assessed is assessed too."""
    return session.exec(select(func.count(col(DriftSignal.id))).where(DriftSignal.alert_id == alert.id)).one()


def check_closing(session: Session, alert: DriftAlert, decision: str, seen: int) -> None:
    """Refuse to close what isn't decided, is closed, or has evidence that nobody has looked at."""
    if alert.status != "open":
        raise asking.OVER(number=alert.alert_no)
    if not decision:
        raise asking.UNDECIDED(number=alert.alert_no)
    more = evidence(session, alert) - seen
    if more > 0:
        raise asking.MORE(number=alert.alert_no, n=more)


def close(session: Session, alert: DriftAlert, decision: str, run: int, by: By, now: datetime) -> dict[str, Any]:
    """It is closed: its chart begins anew, and sampling is normal again where no other alert is open."""
    chart = session.get_one(DriftChart, alert.chart_id)
    watch = session.get_one(DriftWatch, chart.watch_id)
    alert.status, alert.decision, alert.closed_at, alert.closed_by_id = "closed", decision, now, by.person_id
    session.add(alert)
    session.flush()
    charts.begin_anew(session, chart)
    other = session.exec(
        select(DriftAlert.id)
        .join(DriftChart, col(DriftChart.id) == DriftAlert.chart_id)
        .where(DriftChart.watch_id == watch.id, DriftAlert.status == "open")
        .order_by(col(DriftAlert.id))
        .limit(1)
    ).first()
    if other is None:
        watch.sampling, watch.tightened_at, watch.alert_id = "normal", None, None
    else:
        watch.alert_id = other
    session.add(watch)
    session.flush()
    told = {"number": alert.alert_no, "chart": chart.chart_no, "decision": decision, "sampling": watch.sampling}
    facts.tell(session, alert, CLOSED, by, now, told, once=alert.alert_no, run=run, held=True)
    return told | ({"capa": _capa(session, alert, watch, by, now)} if decision == "capa" else {})


def _capa(session: Session, alert: DriftAlert, watch: DriftWatch, by: By, now: datetime) -> str:
    """The CAPA that the signature asks for, tied to the alert."""
    row = cases.new(
        session,
        by,
        now,
        title=alert.title,
        title_en=alert.title_en,
        source="hand",
        opened_by_id=by.person_id,
        item_id=watch.item_id,
        supplier_id=watch.supplier_id,
    )
    cases.begin(session, row, by, now, [alert.subject_id])
    return str(row.capa_no)
