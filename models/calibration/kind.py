"""Calibrations of an instrument, and the assessment of what it measured out of tolerance, as processes (ISO 13485 7.6; STANDARDS M 39, 40)."""

from collections.abc import Mapping
from typing import Any

from models.calibration import rules
from models.calibration.floor import check_assessment, check_calibration
from models.calibration.rules import Fate
from models.calibration.store import assessments, calibrations
from models.calibration.tables import NUMBERS, OutOfTolerance
from models.definition.condition import Scalar
from models.definition.document import FieldType, Text
from models.equipment.tables import Equipment
from models.lot.kind import OF_GOODS
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Gate, Kind, Reads, Record
from models.process.store import signing
from models.process.subject import Source, SubjectKind

WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)
SHOWN = """
select o.status, false, null, null, null, null, null, null, null, null
  from out_of_tolerance o where about.kind = 'out_of_tolerance' and o.subject_id = about.id
"""
HANGING = """
select 'out_of_tolerance_result' as name, r.id from out_of_tolerance_result r join out_of_tolerance o on o.id = r.assessment_id
 where o.subject_id = any(cast(:subjects as bigint[]))
"""
HANGING_ON_MACHINES = """
select 'calibration' as name, c.id from calibration c join equipment e on e.id = c.equipment_id where e.subject_id = any(cast(:subjects as bigint[]))
union all
select 'equipment_block', b.id from equipment_block b join equipment e on e.id = b.equipment_id where e.subject_id = any(cast(:subjects as bigint[]))
"""


def _facts(row: OutOfTolerance) -> Mapping[str, Scalar]:
    return {assessments.UNDECIDED: row.results}


MACHINE = SubjectKind(
    key="equipment",
    title=Text(zh="设备", en="equipment"),
    table=Equipment,
    number=lambda row: str(row.equipment_no),
    lock=calibrations.lock,
    hanging=HANGING_ON_MACHINES,
)
ASSESSMENT = SubjectKind(
    key="out_of_tolerance",
    title=Text(zh="超差评估", en="out-of-tolerance assessment"),
    table=OutOfTolerance,
    number=lambda row: str(row.assessment_no),
    lock=assessments.lock,
    facts=_facts,
    known=(assessments.UNDECIDED,),
    make=assessments.make,
    hanging=HANGING,
    shown=SHOWN,
)


def _check_calibration(ctx: Ctx) -> None:
    calibrations.read(ctx.session, ctx.subject, ctx.form, ctx.now)


def _calibrate(ctx: Ctx) -> Mapping[str, Any]:
    return calibrations.record(ctx.session, ctx.subject, ctx.form, ctx.run.row.id, ctx.by, ctx.now)


def _record_of_calibration(ctx: Ctx) -> str:
    """Which instrument, and which calibration was its last; what was read is said with the signature."""
    row: Equipment = ctx.subject
    last = calibrations.newest(ctx.session, row)
    return signing.canonical(
        {
            "record": "calibration.done",
            "number": row.equipment_no,
            "zh": row.name,
            "en": row.name_en or row.name,
            "machine": row.kind,
            "last_calibrated": last.performed_at.isoformat() if last else "",
            "last_result": last.result if last else "",
            "last_due": last.due_at.isoformat() if last else "",
        }
    )


def _fates(ctx: Ctx) -> dict[int, Fate]:
    row: OutOfTolerance = ctx.subject
    rest = ctx.form.get("rest")
    return rules.decided(
        row.assessment_no,
        assessments.kept(ctx.session, row),
        [(str(one["numbers"]), Fate(one["fate"])) for one in ctx.form.get("results") or ()],
        [(str(one["batch"]), Fate(one["fate"])) for one in ctx.form.get("batches") or ()],
        Fate(rest) if rest else None,
    )


def _check_decision(ctx: Ctx) -> None:
    if ctx.subject.status != "open":
        raise rules.OVER(number=ctx.subject.assessment_no)
    _fates(ctx)


def _decide(ctx: Ctx) -> Mapping[str, Any]:
    return assessments.decide(
        ctx.session, ctx.subject, _fates(ctx), (ctx.reason or "").strip(), ctx.run.row.id, ctx.by, ctx.now
    )


def _check_closing(ctx: Ctx) -> None:
    if ctx.subject.status != "open":
        raise rules.OVER(number=ctx.subject.assessment_no)
    rules.check_closing(ctx.subject.assessment_no, assessments.undecided(ctx.session, ctx.subject))


def _close(ctx: Ctx) -> Mapping[str, Any]:
    return assessments.close(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now)


def _case(ctx: Ctx, record: str) -> str:
    """What was found and frozen, how it stands, and all that was said about it; each step has a record of its own."""
    row: OutOfTolerance = ctx.subject
    kept = assessments.kept(ctx.session, row)
    return signing.canonical(
        {
            "record": record,
            "number": row.assessment_no,
            "zh": row.title,
            "en": row.title_en,
            "opened_at": row.opened_at.isoformat(),
            "instruments": [
                {key: one[key] or "" for key in ("number", "because", "since", "until")} for one in row.instruments
            ],
            "counts": dict(row.counts),
            "batches": ", ".join(one["lot_no"] for one in row.lots),
            "customers": ", ".join(f"{one['customer_no']} {one['name']}" for one in row.customers),
            "digest": row.digest,
            "decided": {
                fate.value: rules.spans(one.seq for one in kept if one.decision == fate)
                for fate in Fate
                if any(one.decision == fate for one in kept)
            },
            "open": rules.spans(one.seq for one in kept if one.decision is None),
            "said": ctx.run.state.model_dump(mode="json", include={"forms", "outcomes", "facts"}),
        }
    )


LAW = "ISO 13485 7.6; 21 CFR 820.72"
RECORD = Effect(
    name="calibration.record",
    title=Text(
        zh="记录校准, 超差即停用并评估",
        en="record the calibration; what is out of tolerance is blocked and assessed",
    ),
    subjects=("equipment",),
    check=_check_calibration,
    do=_calibrate,
    reads=(
        Reads("performed_at", (FieldType.INSTANT,), required=True),
        Reads("done_by", WORDS, required=True),
        Reads("unit", WORDS, required=True),
        Reads("readings", (FieldType.TABLE,), required=True),
        Reads("standard", (FieldType.REFERENCE,)),
        Reads("standard_other", WORDS),
        Reads("standard_until", (FieldType.DATE,)),
        Reads("interval_months", (FieldType.INTEGER,)),
        Reads("certificate", WORDS),
        Reads("files", (FieldType.ATTACHMENT,)),
    ),
    facts=(calibrations.RECORDED, calibrations.OUT, calibrations.ASKED),
    gives=("item.due", "item.task_on"),
    law=LAW,
    before=(Before(fact=calibrations.ASKED),),
)
DECIDE = Effect(
    name="out_of_tolerance.decide",
    title=Text(zh="决定超差期间的测量结果", en="decide on what was measured out of tolerance"),
    subjects=("out_of_tolerance",),
    check=_check_decision,
    do=_decide,
    facts=(assessments.DECIDED,),
    gives=(assessments.UNDECIDED,),
    reads=(
        Reads("results", (FieldType.TABLE,)),
        Reads("batches", (FieldType.TABLE,)),
        Reads("rest", (FieldType.CHOICE,)),
    ),
    law=LAW,
    optional=True,
)
CLOSE = Effect(
    name="out_of_tolerance.close",
    title=Text(zh="结束评估", en="close the assessment"),
    subjects=("out_of_tolerance",),
    check=_check_closing,
    do=_close,
    facts=(assessments.CLOSED,),
    law=LAW,
    before=(Before(result="closed"),),
)
DONE = Record(
    "calibration.done",
    Text(zh="设备及其上次校准", en="the instrument and its last calibration"),
    _record_of_calibration,
)
OF_RESULTS = Record(
    "out_of_tolerance.results",
    Text(zh="超差期间的测量结果", en="what was measured out of tolerance"),
    lambda ctx: _case(ctx, "out_of_tolerance.results"),
)
OF_CLOSING = Record(
    "out_of_tolerance.closing",
    Text(zh="超差评估全部记录", en="all of the assessment"),
    lambda ctx: _case(ctx, "out_of_tolerance.closing"),
)
CLOSING = Gate(
    "out_of_tolerance.closing",
    Text(zh="每个测量结果都已决定", en="every result is decided on"),
    _check_closing,
    law=LAW,
    record=OF_CLOSING.name,
)
NUMBER = Text(zh="编号", en="number")
MACHINE_NUMBER = Text(zh="设备编号", en="equipment number")
BECAUSE = {
    "found": Text(zh="校准前超差", en="it was found out of tolerance"),
    "standard": Text(zh="所用标准器失效", en="the standard wasn't good"),
}
FACTS = (
    FactKind(
        calibrations.ASKED,
        Text(zh="已安排校准", en="a calibration was asked for"),
        ("equipment",),
        {"number": FieldType.TEXT},
        {"number": MACHINE_NUMBER},
    ),
    FactKind(
        calibrations.RECORDED,
        Text(zh="设备已校准", en="equipment was calibrated"),
        ("equipment",),
        {"number": FieldType.TEXT, "result": FieldType.CHOICE, "as_found": FieldType.CHOICE, "due": FieldType.DATE},
        {
            "number": MACHINE_NUMBER,
            "result": Text(zh="结果", en="result"),
            "as_found": Text(zh="校准前", en="as found"),
            "due": Text(zh="下次到期", en="next due"),
        },
        {
            "result": {"passed": Text(zh="合格", en="passed"), "failed": Text(zh="不合格", en="failed")},
            "as_found": {
                "within": Text(zh="在限内", en="within limits"),
                "out": Text(zh="超差", en="out of tolerance"),
            },
        },
    ),
    FactKind(
        calibrations.OUT,
        Text(zh="设备校准超差", en="equipment is out of tolerance"),
        ("equipment",),
        {"number": FieldType.TEXT, "because": FieldType.CHOICE, "instruments": FieldType.INTEGER},
        {
            "number": MACHINE_NUMBER,
            "because": Text(zh="原因", en="because"),
            "instruments": Text(zh="停用的设备数", en="instruments blocked"),
        },
        {"because": BECAUSE},
    ),
    FactKind(
        assessments.OPENED,
        Text(zh="超差评估已开始", en="an out-of-tolerance assessment was opened"),
        ("out_of_tolerance",),
        {
            "number": FieldType.TEXT,
            "equipment": FieldType.TEXT,
            **dict.fromkeys(("results", "operations", "lots", "made", "customers", "instruments"), FieldType.INTEGER),
        },
        {
            "number": NUMBER,
            "equipment": MACHINE_NUMBER,
            "results": Text(zh="测量结果数", en="results"),
            "operations": Text(zh="工序数", en="operations"),
            "lots": Text(zh="批次数", en="batches"),
            "made": Text(zh="由其做成的批次数", en="batches made of them"),
            "customers": Text(zh="客户数", en="customers"),
            "instruments": Text(zh="设备数", en="instruments"),
        },
    ),
    FactKind(
        assessments.DECIDED,
        Text(zh="超差期间的测量结果已决定", en="results measured out of tolerance were decided on"),
        ("out_of_tolerance",),
        {"number": FieldType.TEXT, **dict.fromkeys(("decided", "left", "findings"), FieldType.INTEGER)},
        {
            "number": NUMBER,
            "decided": Text(zh="已决定的结果数", en="results decided on"),
            "left": Text(zh="未决定的结果数", en="results left"),
            "findings": Text(zh="开出的不合格数", en="nonconformances opened"),
        },
    ),
    FactKind(
        assessments.CLOSED,
        Text(zh="超差评估已结束", en="an out-of-tolerance assessment was closed"),
        ("out_of_tolerance",),
        {"number": FieldType.TEXT, "freed": FieldType.INTEGER},
        {"number": NUMBER, "freed": Text(zh="恢复使用的设备数", en="instruments free again")},
    ),
)
SUBJECTS = (MACHINE, ASSESSMENT)
SOURCES = (
    Source(
        "out_of_tolerance",
        NUMBERS,
        "out_of_tolerance",
        "out_of_tolerance.assessment_no",
        "out_of_tolerance.title",
        "out_of_tolerance.title_en",
    ),
)
KINDS = (
    Kind(
        family=rules.PROCESS,
        subject="equipment",
        prefix="calibration",
        workflow="Calibration",
        rank=2,
        signed_as=OF_GOODS,
        effects=(RECORD,),
        records=(DONE,),
        floor=(check_calibration,),
    ),
    Kind(
        family=rules.ASSESSMENT,
        subject="out_of_tolerance",
        prefix="out-of-tolerance",
        workflow="OutOfTolerance",
        rank=1,
        signed_as=OF_GOODS,
        several=False,
        effects=(DECIDE, CLOSE),
        records=(OF_RESULTS, OF_CLOSING),
        gates=(CLOSING,),
        floor=(check_assessment,),
    ),
)
