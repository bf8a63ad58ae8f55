"""The two inspections that a batch goes through: of bought material, and of a finished batch (REQUIREMENTS 28-33)."""

from collections.abc import Mapping
from typing import Any

from models.definition.document import FieldType, Stage, StageKind, Text
from models.inspection import acts as inspecting
from models.inspection.floor import check_inspection
from models.inspection.rules import inspection as rules
from models.inspection.rules.plan import STAGES
from models.inspection.store import inspections
from models.inspection.store import record as inspection_record
from models.inspection.tables import Characteristic, Inspection
from models.kernel.text import Text as Name
from models.lot.kind import OF_GOODS
from models.lot.rules.held import Act
from models.lot.rules.locked import Step
from models.lot.rules.lot import LotStatus
from models.lot.store import lots, open_holds
from models.nonconformance import rules as nonconformance_rules
from models.nonconformance import store as nonconformances
from models.process.changeable import Changeable
from models.process.context import Ctx
from models.process.fact import tell as facts
from models.process.kind import Before, Effect, FactKind, Kind, Measured, Record, Said
from models.process.store import signing
from models.release.store import deviations


def _opens(ctx: Ctx) -> Mapping[str, Any]:
    inspections.open_inspection(ctx.session, ctx.run.kind.family, ctx.subject, ctx.now)
    return {}


def _ready(ctx: Ctx) -> None:
    inspecting.check_plan(ctx.session, ctx.run.kind.family, ctx.subject)


def _opened(ctx: Ctx) -> Inspection:
    """Its inspection, which the act's verdict, record and effect are all about."""
    return ctx.once(
        "inspection",
        lambda: inspections.open_inspection(ctx.session, ctx.run.kind.family, ctx.subject, ctx.now),
    )


def _measures(ctx: Ctx, plan_id: int | None) -> list[Characteristic]:
    return ctx.once(f"measures of {plan_id}", lambda: inspections.characteristics(ctx.session, plan_id))


def _verdict(ctx: Ctx) -> str:
    """What the limits give; an outcome that says otherwise is refused."""
    row = _opened(ctx)
    inspecting.check_inspector(ctx.session, row, ctx.by)
    right = inspecting.verdict(ctx.session, row, ctx.subject, _measures(ctx, row.plan_id))
    gone = ctx.subject.lot_no if row.stage == "incoming" and lots.expired(ctx.session, ctx.subject) else None
    rules.check_verdict(right, ctx.outcome or right, gone)
    return right


def _record(ctx: Ctx) -> str:
    # a page shows the last one, and opens none
    row = ctx.kept.get("inspection") or inspections.last_inspection(ctx.session, ctx.run.kind.family, ctx.subject)
    plan_id = None if row is None else inspections.plan_id(ctx.session, row, ctx.subject)
    measures = _measures(ctx, plan_id)
    return signing.canonical(inspection_record.inspection_record(ctx.session, ctx.subject, row, measures))


def _decide(ctx: Ctx) -> Mapping[str, Any]:
    if ctx.outcome is not None:
        row = _opened(ctx)
        inspections.decided(ctx.session, row, ctx.subject, ctx.outcome, ctx.by, ctx.now)
        said = {"inspection": row.inspection_no, "stage": row.stage}
        facts.of_step(ctx, f"inspection.{ctx.outcome}", said, once=row.inspection_no)
    return {"lot_no": ctx.subject.lot_no, "outcome": ctx.outcome}


def _accept_material(ctx: Ctx) -> Mapping[str, Any]:
    session, lot = ctx.session, ctx.subject
    open_holds.check_held(session, lot, Act.RELEASE)
    undecided, against = nonconformances.open_numbers(session, lot.id), nonconformances.rejected(session, lot.id)
    nonconformance_rules.check_decided(lot.lot_no, undecided, against)
    lots.set_status(session, lot, LotStatus.RELEASED)
    lots.note(session, lot.id, "lot.released", ctx.by.person_id, {"run": ctx.run.row.workflow_id})
    facts.of_step(ctx, "lot.released")
    return {}


def _accept_product(ctx: Ctx) -> Mapping[str, Any]:
    deviations.open_found(ctx.session, ctx.subject, ctx.by, ctx.now)
    lots.set_status(ctx.session, ctx.subject, LotStatus.INSPECTED)
    return {}


def _reject(ctx: Ctx) -> Mapping[str, Any]:
    lots.set_status(ctx.session, ctx.subject, LotStatus.REJECTED)
    lots.note(ctx.session, ctx.subject.id, "lot.rejected", ctx.by.person_id, {"run": ctx.run.row.workflow_id})
    facts.of_step(ctx, "lot.rejected")
    return {}


DECIDE = Effect(
    name="inspection.decide",
    title=Text(zh="记下检验结论; 不合格即立案", en="write down the verdict; a failure opens a nonconformance"),
    subjects=("lot",),
    do=_decide,
    facts=("inspection.accepted", "inspection.failed"),
    law="ISO 13485 8.2.6, 8.3.1; REQUIREMENTS 39",
    before=(Before(result="accepted"),),
)
ACCEPT_MATERIAL = Effect(
    name="inspection.accept_material",
    title=Text(zh="外购物料可以入库使用", en="bought material may be used"),
    subjects=("lot",),
    do=_accept_material,
    facts=("lot.released",),
    law="ISO 13485 7.4.3; 医疗器械生产质量管理规范 (采购)",
    before=(Before(result="accepted"),),
)
ACCEPT_PRODUCT = Effect(
    name="inspection.accept_product",
    title=Text(zh="成品检验合格", en="the finished batch has passed its inspection"),
    subjects=("lot",),
    do=_accept_product,
    law="ISO 13485 8.2.6",
    before=(Before(result="accepted"),),
)
REJECT = Effect(
    name="inspection.reject",
    title=Text(zh="批次拒收", en="the batch is rejected"),
    subjects=("lot",),
    do=_reject,
    facts=("lot.rejected",),
    law="ISO 13485 8.3.1; 医疗器械生产质量管理规范 (不合格品控制)",
    before=(Before(result="rejected"),),
)
RECORD = Record("inspection.record", Text(zh="检验记录", en="the inspection record"), _record)
MEASURED = Measured(opens=_opens, ready=_ready, verdict=_verdict)


def _kind(family: str, rank: int, accept: Effect, step: Step) -> Kind:
    def said(stage: Stage) -> Said:
        if stage.kind is StageKind.END:
            ends = {"accepted": (accept.name,), "rejected": (REJECT.name,)}
            return Said(does=ends.get(stage.result or "", ()))
        does = (DECIDE.name,) if stage.kind is StageKind.INSPECTION else ()
        return Said(does=does, record=RECORD.name)

    return Kind(
        family=family,
        subject="lot",
        prefix="inspection",
        workflow="Inspection",
        rank=rank,
        signed_as=OF_GOODS,
        effects=(DECIDE, accept, REJECT),
        records=(RECORD,),
        measured=MEASURED,
        floor=(check_inspection,),
        before=said,
        step=step,
    )


VALUES = {"inspection": FieldType.TEXT, "stage": FieldType.CHOICE}
NAMES = {"inspection": Text(zh="检验", en="inspection"), "stage": Text(zh="检验阶段", en="stage")}
ANSWERS = {"stage": {key: Text(zh=said.zh, en=said.en) for key, said in STAGES.items()}}
FACTS = (
    FactKind(
        "inspection.accepted", Text(zh="检验合格", en="an inspection is passed"), ("lot",), VALUES, NAMES, ANSWERS
    ),
    FactKind(
        "inspection.failed", Text(zh="检验不合格", en="an inspection is failed"), ("lot",), VALUES, NAMES, ANSWERS
    ),
)
KINDS = (
    _kind("incoming-inspection", 3, ACCEPT_MATERIAL, Step.INCOMING),
    _kind("final-inspection", 2, ACCEPT_PRODUCT, Step.FINAL),
)
CHANGES = (
    Changeable(
        "inspection_plan",
        Name("检验计划", "Inspection plan"),
        "select code as number, title, title_en from inspection_plan where code = :number order by version desc limit 1",
        "select p.code, p.version::text, i.lot_id from inspection_plan p join inspection i on i.plan_id = p.id",
    ),
)
