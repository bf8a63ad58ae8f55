"""Limits of a chart of incoming lots, and the alert that it raises, as processes (REQUIREMENTS 50, 118; STANDARDS Q 90, Q 91)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.definition.condition import Scalar
from models.definition.document import FieldType, Text
from models.drift.floor import check_alert, check_limits
from models.drift.rules import asking
from models.drift.store import alerts, charts
from models.drift.store import lots as judged
from models.drift.tables import ALERTS, CHARTS, DriftAlert, DriftChart, DriftLimits, DriftWatch
from models.item.tables import Item
from models.lot.kind import OF_GOODS
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Hears, Kind, Reads, Record
from models.process.messages.process import By
from models.process.store import signing
from models.process.subject import Source, SubjectKind

SHOWN = """
select {state}, false, i.item_no, null, null, null, null, null, null, null
  from {table} join drift_watch w on w.id = c.watch_id join item i on i.id = w.item_id
 where about.kind = '{kind}' and {alias}.subject_id = about.id
"""
HANGING = """
select 'drift_limits' as name, r.id from drift_limits r join drift_chart c on c.id = r.chart_id where c.subject_id = any(cast(:subjects as bigint[]))
"""
HANGING_ON_ALERTS = """
select 'drift_signal' as name, s.id from drift_signal s join drift_alert a on a.id = s.alert_id where a.subject_id = any(cast(:subjects as bigint[]))
"""
DECISION = "decision"


def _sorted(session: Session, watch: int) -> Mapping[str, str | int | None]:
    row = session.get_one(DriftWatch, watch)
    return {"supplier": row.supplier_id, "item_family": session.get_one(Item, row.item_id).category}


OWNED = ("item_family", "supplier", "site")
CHART = SubjectKind(
    key="drift_chart",
    title=Text(zh="来货控制图", en="chart of incoming lots"),
    table=DriftChart,
    number=lambda row: str(row.chart_no),
    lock=charts.lock,
    sorted_by=lambda session, row: _sorted(session, row.watch_id),
    owned_by=OWNED,
    hanging=HANGING,
    shown=SHOWN.format(state="w.sampling", table="drift_chart c", kind="drift_chart", alias="c"),
)
ALERT = SubjectKind(
    key="drift_alert",
    title=Text(zh="来货波动预警", en="supplier alert"),
    table=DriftAlert,
    number=lambda row: str(row.alert_no),
    lock=alerts.lock,
    sorted_by=lambda session, row: _sorted(session, session.get_one(DriftChart, row.chart_id).watch_id),
    owned_by=OWNED,
    hanging=HANGING_ON_ALERTS,
    shown=SHOWN.format(
        state="a.status", table="drift_alert a join drift_chart c on c.id = a.chart_id", kind="drift_alert", alias="a"
    ),
)


def _check_proposal(ctx: Ctx) -> None:
    kept, _ = charts.base(ctx.session, ctx.subject, ctx.form)
    charts.figures(ctx.subject, kept, ctx.form)


def _propose(ctx: Ctx) -> Mapping[str, Any]:
    row = charts.propose(ctx.session, ctx.subject, ctx.form, ctx.by, ctx.now)
    return {"number": ctx.subject.chart_no, "lots": len(row.base)}


def _check_freezing(ctx: Ctx) -> None:
    charts.check_freezing(ctx.session, ctx.subject, ctx.by)


def _freeze(ctx: Ctx) -> Mapping[str, Any]:
    return charts.freeze(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now)


def _figures(row: DriftLimits) -> dict[str, str]:
    """As text: a signature is over what is read."""
    said = {key: getattr(row, key) for key in ("centre", "sigma", "usual", "worse")}
    return {key: f"{value:.10g}" for key, value in said.items() if value is not None}


def _record_of_limits(ctx: Ctx) -> str:
    """The limits that are proposed, and every lot that they come from."""
    chart: DriftChart = ctx.subject
    row = charts.proposed(ctx.session, chart.id)
    proposal = {} if row is None else {
        **_figures(row),
        "rules": ", ".join(row.rules),
        "lots": [_lot(one) for one in row.base],
        "left_out": ", ".join(row.left_out),
        "basis": row.basis,
    }  # fmt: skip
    before = charts.in_force(ctx.session, chart.id)
    return signing.canonical(
        {
            "record": "drift.limits",
            "number": chart.chart_no,
            "zh": chart.title,
            "en": chart.title_en,
            "unit": chart.unit,
            "in_force": str(before.version) if before is not None else "",
            "proposal": proposal,
        }
    )


def _lot(one: Mapping[str, Any]) -> str:
    said = f"{one['value']:.10g}" if one["value"] is not None else f"{one['rejected']}/{one['seen']}"
    return f"{one['lot']} {one['inspection']}: {said}"


def _assess(ctx: Ctx) -> Mapping[str, Any]:
    return {alerts.EVIDENCE: alerts.evidence(ctx.session, ctx.subject)}


def _decision(ctx: Ctx) -> str:
    """What was said last, by whichever step assesses."""
    said = [str(form[DECISION]) for form in ctx.run.state.forms.values() if form.get(DECISION)]
    return said[-1] if said else ""


def _check_closing(ctx: Ctx) -> None:
    seen = int(ctx.run.state.facts.get(alerts.EVIDENCE) or 0)
    alerts.check_closing(ctx.session, ctx.subject, _decision(ctx), seen)


def _close(ctx: Ctx) -> Mapping[str, Any]:
    return alerts.close(ctx.session, ctx.subject, _decision(ctx), ctx.run.row.id, ctx.by, ctx.now)


def _record_of_alert(ctx: Ctx) -> str:
    """The evidence as it was kept, and all that was said about it."""
    row: DriftAlert = ctx.subject
    return signing.canonical(
        {
            "record": "drift.alert",
            "number": row.alert_no,
            "zh": row.title,
            "en": row.title_en,
            "opened_at": row.opened_at.isoformat(),
            "evidence": [
                {"rule": one.rule, "lots": [_lot(point) for point in one.points]}
                for one in alerts.signals(ctx.session, row.id)
            ],
            "said": ctx.run.state.model_dump(mode="json", include={"forms", "outcomes", "facts"}),
        }
    )


def _hear(session: Session, lot: Any, said: Mapping[str, Scalar], by: By, now: datetime) -> None:
    judged.hear(session, lot, said, by, now)


LAW = asking.CLAUSE
WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)
PROPOSE = Effect(
    name="drift.propose",
    title=Text(zh="以所选批次提议控制限", en="propose limits from the lots chosen"),
    subjects=("drift_chart",),
    check=_check_proposal,
    do=_propose,
    reads=(
        Reads("lots", (FieldType.INTEGER,), required=True),
        Reads("leave_out", WORDS),
        Reads("rules", (FieldType.CHOICE,)),
        Reads("worse_percent", (FieldType.DECIMAL,)),
        Reads("basis", WORDS, required=True),
    ),
    law=LAW,
    before=(Before(effect="drift.freeze"),),
)
FREEZE = Effect(
    name="drift.freeze",
    title=Text(zh="冻结控制限, 此后每批自动判定", en="freeze the limits; each lot is judged by them from then on"),
    subjects=("drift_chart",),
    check=_check_freezing,
    do=_freeze,
    facts=(charts.FROZEN,),
    law=LAW,
    before=(Before(result="frozen"),),
)
ASSESS = Effect(
    name="drift.assess",
    title=Text(zh="评估来货波动", en="assess what drifts"),
    subjects=("drift_alert",),
    do=_assess,
    gives=(alerts.EVIDENCE,),
    reads=(Reads(DECISION, (FieldType.CHOICE,), required=True),),
    law=LAW,
    before=(Before(effect="drift.close"),),
)
CLOSE = Effect(
    name="drift.close",
    title=Text(
        zh="结束预警; 没有其他预警时恢复正常抽样; 需要时立即开启 CAPA",
        en="close the alert; sampling is normal again where no other is open, and a CAPA begins where it is wanted",
    ),
    subjects=("drift_alert",),
    check=_check_closing,
    do=_close,
    facts=(alerts.CLOSED,),
    law=LAW,
    before=(Before(result="closed"),),
)
OF_LIMITS = Record(
    "drift.limits",
    Text(zh="提议的控制限及其批次", en="the limits that are proposed, with their lots"),
    _record_of_limits,
)
OF_ALERT = Record(
    "drift.alert",
    Text(zh="预警的证据和评估", en="the evidence of the alert, and what was said of it"),
    _record_of_alert,
)
NUMBER = Text(zh="编号", en="number")
CHART_NO = Text(zh="控制图", en="chart")
DECISIONS = {
    "no_cause": Text(zh="未发现原因", en="no cause found"),
    "ask_supplier": Text(zh="要求供应商改进", en="the supplier is asked"),
    "capa": Text(zh="开启 CAPA", en="a CAPA is wanted"),
}
FACTS = (
    FactKind(
        charts.FROZEN,
        Text(zh="来货控制限已批准", en="limits of a chart were frozen"),
        ("drift_chart",),
        {"number": FieldType.TEXT, "version": FieldType.INTEGER, "lots": FieldType.INTEGER},
        {
            "number": NUMBER,
            "version": Text(zh="版本", en="version"),
            "lots": Text(zh="基准批数", en="lots of the base"),
        },
    ),
    FactKind(
        alerts.DRIFT,
        Text(zh="来货波动", en="incoming lots drift"),
        ("drift_alert",),
        dict.fromkeys(("number", "chart", "supplier", "item", "rules", "lot"), FieldType.TEXT),
        {
            "number": NUMBER,
            "chart": CHART_NO,
            "supplier": Text(zh="供应商", en="supplier"),
            "item": Text(zh="物料", en="item"),
            "rules": Text(zh="规则", en="rules"),
            "lot": Text(zh="批次", en="lot"),
        },
    ),
    FactKind(
        alerts.CLOSED,
        Text(zh="来货波动预警已结束", en="a supplier alert was closed"),
        ("drift_alert",),
        {"number": FieldType.TEXT, "chart": FieldType.TEXT, "decision": FieldType.CHOICE, "sampling": FieldType.CHOICE},
        {
            "number": NUMBER,
            "chart": CHART_NO,
            "decision": Text(zh="结论", en="decision"),
            "sampling": Text(zh="抽样", en="sampling"),
        },
        {
            "decision": DECISIONS,
            "sampling": {"normal": Text(zh="正常", en="normal"), "tightened": Text(zh="加严", en="tightened")},
        },
    ),
)
SUBJECTS = (CHART, ALERT)
SOURCES = (
    Source("drift_chart", CHARTS, "drift_chart", "drift_chart.chart_no", "drift_chart.title", "drift_chart.title_en"),
    Source("drift_alert", ALERTS, "drift_alert", "drift_alert.alert_no", "drift_alert.title", "drift_alert.title_en"),
)
HEARS = tuple(Hears(fact, _hear) for fact in ("inspection.accepted", "inspection.failed"))
KINDS = (
    Kind(
        family=asking.LIMITS,
        subject="drift_chart",
        prefix="drift-limits",
        workflow="DriftLimits",
        rank=3,
        signed_as=OF_GOODS,
        effects=(PROPOSE, FREEZE),
        records=(OF_LIMITS,),
        floor=(check_limits,),
    ),
    Kind(
        family=asking.ALERT,
        subject="drift_alert",
        prefix="supplier-alert",
        workflow="SupplierAlert",
        rank=2,
        signed_as=OF_GOODS,
        several=False,
        effects=(ASSESS, CLOSE),
        records=(OF_ALERT,),
        floor=(check_alert,),
    ),
)
