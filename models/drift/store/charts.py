"""A chart is asked for, gets limits from lots of the record, and these are frozen by a signature (STANDARDS Q 91)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from models.drift.rules import asking, limits
from models.drift.rules.judging import Charted, RuleSet, asked
from models.drift.store import readings
from models.drift.store.readings import Reading
from models.drift.tables import DriftAlert, DriftChart, DriftLimits, DriftPoint, DriftWatch
from models.item.tables import Item
from models.kernel.tables import Outbox
from models.partner.tables import Supplier
from models.process import numbering
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs
from models.process.tables.process import ProcessRun

NUMBERED = "drift_chart"
FROZEN = "drift.limits_approved"
MEASURED = text("""
select c.name_zh, c.name_en, coalesce(c.unit, '') as unit
  from characteristic c join inspection_plan p on p.id = c.plan_id
 where p.stage = 'incoming' and c.kind = 'variable' and :name in (c.name_zh, c.name_en)
   and (p.item_id = :item or (p.item_id is null and p.item_kind = :kind))
 order by p.item_id is null, p.version desc limit 1
""")


def lock_watch(session: Session, supplier: int, item: int) -> DriftWatch | None:
    """The watch of an item from a supplier, locked: all that happens to its charts comes one after the other."""
    query = select(DriftWatch).where(DriftWatch.supplier_id == supplier, DriftWatch.item_id == item)
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).first()


def lock(session: Session, key: int) -> DriftChart:
    """The chart of a subject; its watch is locked first, as whoever judges a lot does."""
    watch = select(DriftChart.watch_id).where(DriftChart.subject_id == key).scalar_subquery()
    session.exec(select(DriftWatch.id).where(DriftWatch.id == watch).with_for_update(key_share=True)).one()
    query = select(DriftChart).where(DriftChart.subject_id == key)
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).one()


def ask(
    session: Session, supplier: Supplier, item: Item, characteristic: str, reason: str, by: By, now: datetime
) -> DriftChart:
    """Somebody wants limits: of a chart that is new, or others of one that there is; nobody makes the same one meanwhile."""
    session.exec(select(Supplier.id).where(Supplier.id == supplier.id).with_for_update(key_share=True)).one()
    watch = lock_watch(session, supplier.id, item.id)
    if watch is None:
        watch = DriftWatch(supplier_id=supplier.id, item_id=item.id)
        session.add(watch)
        session.flush()
    shown = _measured(session, item, characteristic)
    known = (DriftChart.characteristic == shown["characteristic"], DriftChart.unit == shown["unit"])
    row = session.exec(select(DriftChart).where(DriftChart.watch_id == watch.id, *known)).first()
    if row is None:
        row = DriftChart(
            chart_no=f"DC-{numbering.take(session, NUMBERED):05d}",
            watch_id=watch.id,
            reason=reason,
            asked_by_id=by.person_id,
            opened_at=now,
            **shown,
            **_title(supplier, item, shown),
        )
        session.add(row)
        session.flush()
        session.refresh(row)
    running = select(ProcessRun.id).where(ProcessRun.subject_id == row.subject_id, ProcessRun.status == "running")
    if session.exec(running).first() is not None:
        raise asking.UNDER_WAY(number=row.chart_no)
    run = runs.begin(session, asking.LIMITS, row, by, now)
    session.add(Outbox(fact="process.begun", payload={"run": run.row.id}))
    session.flush()
    return row


def _measured(session: Session, item: Item, characteristic: str) -> dict[str, Any]:
    """What is charted, as the plan of the incoming inspection has it."""
    if not characteristic:
        return {"charted": Charted.REJECTS.value, "characteristic": "", "characteristic_en": "", "unit": ""}
    given = {"name": characteristic, "item": item.id, "kind": item.kind}
    found = session.connection().execute(MEASURED, given).first()
    if found is None:
        raise asking.NOT_MEASURED(item=item.item_no, characteristic=characteristic[:80])
    names = {"characteristic": found.name_zh, "characteristic_en": found.name_en}
    return {"charted": Charted.MEAN.value, **names, "unit": found.unit}


def _title(supplier: Supplier, item: Item, shown: Mapping[str, str]) -> dict[str, Any]:
    zh = [supplier.name, "×", item.name, "·", shown["characteristic"] or "不合格率"]
    en = [
        supplier.name_en or supplier.name,
        "×",
        item.name_en or item.name,
        "·",
        shown["characteristic_en"] or "rejects",
    ]
    return {"title": " ".join(zh), "title_en": " ".join(en)}


def in_force(session: Session, chart: int) -> DriftLimits | None:
    """The limits that the chart judges by now; None before the first are frozen."""
    query = select(DriftLimits).where(DriftLimits.chart_id == chart, col(DriftLimits.version).is_not(None))
    return session.exec(query.order_by(col(DriftLimits.version).desc()).limit(1)).first()


def proposed(session: Session, chart: int) -> DriftLimits | None:
    """The limits that wait for a signature."""
    return session.exec(
        select(DriftLimits).where(DriftLimits.chart_id == chart, DriftLimits.status == "proposed")
    ).first()


def base(session: Session, chart: DriftChart, form: Mapping[str, Any]) -> tuple[tuple[Reading, ...], tuple[str, ...]]:
    """The lots that limits would come from by what was answered, and those that are left out."""
    watch = session.get_one(DriftWatch, chart.watch_id)
    found = readings.newest(session, watch, chart, asking.how_many(int(form.get("lots") or 20)))
    left = asking.left_out(str(form.get("leave_out") or ""), {one.lot for one in found})
    kept = tuple(one for one in found if one.lot not in left)
    asking.check_enough(len(kept))
    return kept, tuple(sorted(left))


def figures(chart: DriftChart, kept: Sequence[Reading], form: Mapping[str, Any]) -> dict[str, Any]:
    """Centre and sigma, or the two shares, as these lots give them."""
    if chart.charted == Charted.MEAN:
        found = limits.of_individuals([one.value for one in kept if one.value is not None])
        if found is None:
            raise asking.ALL_ALIKE()
        return {"centre": found.centre, "sigma": found.sigma}
    usual = limits.usual_share([(one.seen, one.rejected) for one in kept])
    if usual is None:
        raise asking.TOO_FEW(n=len(kept), fewest=limits.FEWEST)
    said = form.get("worse_percent")
    rates = asking.rates(usual, float(str(said)) if said not in {None, ""} else None)
    return {"usual": rates.usual, "worse": rates.worse}


def propose(session: Session, chart: DriftChart, form: Mapping[str, Any], by: By, now: datetime) -> DriftLimits:
    """Keep a proposal with the lots that it comes from; one of before is replaced by it."""
    kept, left = base(session, chart, form)
    before = proposed(session, chart.id)
    if before is not None:
        before.status = "replaced"
        session.add(before)
        session.flush()
    row = DriftLimits(
        chart_id=chart.id,
        rules=list(asked(Charted(chart.charted), RuleSet(str(form.get("rules") or RuleSet.CALM)))),
        base=[
            {
                "lot": one.lot,
                "inspection": one.inspection_no,
                "value": one.value,
                "seen": one.seen,
                "rejected": one.rejected,
            }
            for one in kept
        ],
        left_out=list(left),
        basis=str(form.get("basis") or "").strip(),
        proposed_at=now,
        proposed_by_id=by.person_id,
        **figures(chart, kept, form),
    )
    session.add(row)
    session.flush()
    return row


def open_alert(session: Session, chart: int) -> DriftAlert | None:
    """The alert that further alarms of the chart join."""
    return session.exec(select(DriftAlert).where(DriftAlert.chart_id == chart, DriftAlert.status == "open")).first()


def check_freezing(session: Session, chart: DriftChart, by: By) -> DriftLimits:
    """The proposal that would be frozen by this person; refuses what can't be."""
    row = proposed(session, chart.id)
    if row is None:
        raise asking.NO_PROPOSAL(number=chart.chart_no)
    if row.proposed_by_id in {by.person_id, by.on_behalf_of}:
        raise asking.OWN(number=chart.chart_no)
    alert = open_alert(session, chart.id)
    if alert is not None:
        raise asking.ALERTED(number=chart.chart_no, alert=alert.alert_no)
    return row


def freeze(session: Session, chart: DriftChart, run: int, by: By, now: datetime) -> dict[str, Any]:
    """From the next lot on the chart judges by them, and its series begins anew."""
    row, before = check_freezing(session, chart, by), in_force(session, chart.id)
    row.status, row.version = "approved", 1 + ((before.version or 0) if before else 0)
    row.approved_at, row.approved_by_id = now, by.person_id
    session.add(row)
    begin_anew(session, chart)
    told = {"number": chart.chart_no, "version": row.version, "lots": len(row.base)}
    facts.tell(session, chart, FROZEN, by, now, told, once=f"{chart.chart_no}/{row.version}", run=run, held=True)
    return told


def begin_anew(session: Session, chart: DriftChart) -> None:
    """What came so far is judged; sums and runs begin with the next lot."""
    last = session.exec(select(func.max(DriftPoint.seq)).where(DriftPoint.chart_id == chart.id)).one()
    chart.begins_after = last or 0
    session.add(chart)
    session.flush()
