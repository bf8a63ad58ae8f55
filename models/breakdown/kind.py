"""A breakdown of equipment as a process: repaired, and taken back into use by the signature of somebody else (ISO 13485 6.3; 21 CFR 820.70(g))."""

from collections.abc import Mapping
from typing import Any

from models.breakdown import queries, rules
from models.breakdown.floor import check_breakdown
from models.breakdown.store import breakdowns
from models.breakdown.tables import NUMBERS, Breakdown
from models.definition.document import FieldType, Text
from models.equipment.tables import Equipment
from models.lot.kind import OF_GOODS
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Kind, Reads, Record
from models.process.store import signing
from models.process.subject import Source, SubjectKind

WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)
SHOWN = """
select d.status, false, null, null, null, null, null, null, null, null
  from breakdown d where about.kind = 'breakdown' and d.subject_id = about.id
"""
HANGING = """
select 'breakdown_report' as name, r.id from breakdown_report r join breakdown d on d.id = r.breakdown_id where d.subject_id = any(cast(:subjects as bigint[]))
union all
select 'breakdown_lot', l.id from breakdown_lot l join breakdown d on d.id = l.breakdown_id where d.subject_id = any(cast(:subjects as bigint[]))
"""
BREAKDOWN = SubjectKind(
    key="breakdown",
    title=Text(zh="设备故障", en="breakdown"),
    table=Breakdown,
    number=lambda row: str(row.breakdown_no),
    lock=breakdowns.lock,
    hanging=HANGING,
    shown=SHOWN,
)


def _check_repair(ctx: Ctx) -> None:
    breakdowns.repaired_at(ctx.session, ctx.subject, ctx.form, ctx.now)


def _repair(ctx: Ctx) -> Mapping[str, Any]:
    return breakdowns.repair(ctx.session, ctx.subject, ctx.form, ctx.run.row.id, ctx.by, ctx.now)


def _check_back(ctx: Ctx) -> None:
    breakdowns.check_back(ctx.session, ctx.subject, str(ctx.form.get("evidence") or ""), ctx.by)


def _back(ctx: Ctx) -> Mapping[str, Any]:
    return breakdowns.end(ctx.session, ctx.subject, "back", ctx.run.row.id, ctx.by, ctx.now)


def _check_retiring(ctx: Ctx) -> None:
    breakdowns.check_open(ctx.subject)


def _retire(ctx: Ctx) -> Mapping[str, Any]:
    return breakdowns.end(ctx.session, ctx.subject, "retired", ctx.run.row.id, ctx.by, ctx.now)


def _record(ctx: Ctx) -> str:
    """What broke down when, who told what, which batches were under way, and the repair as it was recorded last."""
    row: Breakdown = ctx.subject
    machine = ctx.session.get_one(Equipment, row.equipment_id)
    found = queries.of_subject(ctx.session, row.subject_id)
    return signing.canonical(
        {
            "record": "breakdown.repair",
            "number": row.breakdown_no,
            "machine_no": machine.equipment_no,
            "zh": row.title,
            "en": row.title_en,
            "happened_at": row.happened_at.isoformat(),
            "reports": [
                {"report": one.said, "reporter": one.by, "reported_at": one.reported_at.isoformat()}
                for one in found.reports
            ],
            "batches": ", ".join(f"{one.lot_no} {one.nonconformance}" for one in found.lots),
            "repair_found": row.found or "",
            "repair_done": row.done or "",
            "repairer": row.repairer or "",
            "repaired_at": row.repaired_at.isoformat() if row.repaired_at else "",
            "before_use": row.again or "",
        }
    )


LAW = rules.CLAUSE
REPAIR = Effect(
    name="breakdown.repair",
    title=Text(
        zh="记录维修; 须重新校准的任务立即进入待办",
        en="record the repair; where it needs a calibration, that is in the inbox at once",
    ),
    subjects=("breakdown",),
    check=_check_repair,
    do=_repair,
    reads=(
        Reads("found", WORDS, required=True),
        Reads("repair_done", WORDS, required=True),
        Reads("repairer", WORDS, required=True),
        Reads("repaired_at", (FieldType.INSTANT,), required=True),
        Reads("again", (FieldType.CHOICE,), required=True),
    ),
    facts=(breakdowns.REPAIRED,),
    law=LAW,
    before=(Before(effect="breakdown.back"),),
)
BACK = Effect(
    name="breakdown.back",
    title=Text(zh="设备恢复使用; 冻结的批次仍冻结", en="the equipment is back in use; what was held stays held"),
    subjects=("breakdown",),
    check=_check_back,
    do=_back,
    reads=(Reads("evidence", WORDS),),
    facts=(breakdowns.ENDED,),
    law=LAW,
    before=(Before(result="back"),),
)
RETIRE = Effect(
    name="breakdown.retire",
    title=Text(zh="设备不再使用", en="the equipment is used no more"),
    subjects=("breakdown",),
    check=_check_retiring,
    do=_retire,
    facts=(breakdowns.ENDED,),
    law=LAW,
    before=(Before(result="retired"),),
    optional=True,
)
OF_REPAIR = Record(
    "breakdown.repair", Text(zh="故障、批次和维修", en="the breakdown, its batches and the repair"), _record
)
NUMBER = Text(zh="编号", en="number")
MACHINE = Text(zh="设备编号", en="equipment number")
FACTS = (
    FactKind(
        breakdowns.REPORTED,
        Text(zh="设备发生故障", en="equipment broke down"),
        ("breakdown",),
        {"number": FieldType.TEXT, "equipment": FieldType.TEXT, "lots": FieldType.INTEGER},
        {"number": NUMBER, "equipment": MACHINE, "lots": Text(zh="正在加工的批次数", en="batches under way")},
    ),
    FactKind(
        breakdowns.REPAIRED,
        Text(zh="设备已维修", en="equipment was repaired"),
        ("breakdown",),
        {"number": FieldType.TEXT, "equipment": FieldType.TEXT, "again": FieldType.CHOICE},
        {"number": NUMBER, "equipment": MACHINE, "again": Text(zh="恢复前须", en="needed before use")},
        {
            "again": {
                "none": Text(zh="无", en="nothing"),
                "calibration": Text(zh="重新校准", en="a calibration"),
                "qualification": Text(zh="重新确认", en="a qualification"),
            }
        },
    ),
    FactKind(
        breakdowns.ENDED,
        Text(zh="设备故障已结束", en="a breakdown ended"),
        ("breakdown",),
        {
            "number": FieldType.TEXT,
            "equipment": FieldType.TEXT,
            "outcome": FieldType.CHOICE,
            "minutes": FieldType.INTEGER,
        },
        {
            "number": NUMBER,
            "equipment": MACHINE,
            "outcome": Text(zh="结果", en="outcome"),
            "minutes": Text(zh="停用分钟数", en="minutes out of use"),
        },
        {
            "outcome": {
                "back": Text(zh="恢复使用", en="back in use"),
                "retired": Text(zh="不再使用", en="out of use for good"),
            }
        },
    ),
)
SUBJECTS = (BREAKDOWN,)
SOURCES = (
    Source("breakdown", NUMBERS, "breakdown", "breakdown.breakdown_no", "breakdown.title", "breakdown.title_en"),
)
KINDS = (
    Kind(
        family=rules.PROCESS,
        subject="breakdown",
        prefix="breakdown",
        workflow="Breakdown",
        rank=1,
        signed_as=OF_GOODS,
        several=False,
        effects=(REPAIR, BACK, RETIRE),
        records=(OF_REPAIR,),
        floor=(check_breakdown,),
    ),
)
