"""A change as what its process is about, and what that process does (ISO 13485 7.3.9; STANDARDS X 53; REQUIREMENTS 45, 46)."""

from collections.abc import Mapping
from typing import Any

from models.change import rules
from models.change.floor import check_change
from models.change.kind import batches, emergency, temporary, work
from models.change.kind.records import case
from models.change.rules import temporary as pure
from models.change.store import changes, impact, tasks
from models.change.store import temporary as ends
from models.change.tables import NUMBERS, Change
from models.definition.condition import Scalar
from models.definition.document import FieldType, Text
from models.kernel import text as kernel
from models.lot.kind import OF_GOODS
from models.process import kinds
from models.process.changeable import Changeable
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Kind, Reads, Record
from models.process.subject import Source, SubjectKind

SHOWN = """
select c.status, false, c.target, null, null, null, null, null, null, null
  from change c where about.kind = 'change' and c.subject_id = about.id
"""
REVIEW_NAME = "change.review"


def _facts(row: Change) -> Mapping[str, Scalar]:
    return {"change.kind": row.kind}


SUBJECT = SubjectKind(
    key="change",
    title=Text(zh="变更", en="change"),
    table=Change,
    number=lambda row: str(row.change_no),
    lock=changes.lock,
    facts=_facts,
    known=("change.kind",),
    shown=SHOWN,
)


def _check_assessed(ctx: Ctx) -> None:
    tasks.check(ctx.session, ctx.form, ctx.now)


def _assess(ctx: Ctx) -> Mapping[str, Any]:
    kept = impact.keep(ctx.session, ctx.subject, ctx.now)
    return {"version": kept.version, "lots": kept.counts["lots"], "digest": kept.digest}


def _check_other(ctx: Ctx) -> None:
    change: Change = ctx.subject
    if impact.last(ctx.session, change) is None:
        raise rules.NO_IMPACT(number=change.change_no)
    people = {ctx.by.person_id, ctx.by.on_behalf_of or ctx.by.person_id}
    rules.check_other(change.change_no, change.opened_by_id, people)


def _against(ctx: Ctx) -> list[kernel.Text]:
    """The areas whose newest word is no."""
    definition, state = ctx.run.definition, ctx.run.state
    return [
        kernel.Text(stage.title.say("zh"), stage.title.say("en"))
        for stage in definition.stages
        if stage.key in state.outcomes
        and REVIEW_NAME in kinds.does(definition, stage, state.outcomes[stage.key])
        and not kinds.positive(stage, state.outcomes[stage.key])
    ]


def _check_approval(ctx: Ctx) -> None:
    _check_other(ctx)
    if ctx.subject.status != "open":
        raise rules.NOT_OPEN(number=ctx.subject.change_no)
    rules.check_agreed(ctx.subject.change_no, _against(ctx))
    pure.check_begins(ctx.subject.ends_on, ends.plant_today(ctx.session, ctx.now))


def _approve(ctx: Ctx) -> Mapping[str, Any]:
    planned = work.planned_by(ctx, ASSESS.name)
    return changes.approve(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now, planned)


def _refuse(ctx: Ctx) -> Mapping[str, Any]:
    return changes.settle(ctx.session, ctx.subject, ctx.run.row.id, "refused", ctx.by, ctx.now)


def _withdraw(ctx: Ctx) -> Mapping[str, Any]:
    return changes.settle(ctx.session, ctx.subject, ctx.run.row.id, "withdrawn", ctx.by, ctx.now)


def _area(key: str, zh: str, en: str) -> Record:
    """What the signature of an area is over: each has a record of its own, since different people stand behind them."""
    return Record(
        f"change.{key}",
        Text(zh=f"变更和影响范围 ({zh})", en=f"change and impact ({en})"),
        lambda ctx: case(ctx, f"change.{key}"),
    )


def _record_of_approval(ctx: Ctx) -> str:
    return case(ctx, "change.approval")


BEFORE_APPROVAL = (Before(result="closed"), Before(effect="change.approve"))
ASSESS = Effect(
    name="change.assess",
    title=Text(zh="计算并保存影响范围", en="compute what the change touches and keep it"),
    subjects=("change",),
    check=_check_assessed,
    do=_assess,
    reads=(Reads("risk", (FieldType.CHOICE,), required=True), *work.reads(required=True)),
    law=work.LAW,
    before=BEFORE_APPROVAL,
)
REVIEW = Effect(
    name=REVIEW_NAME,
    title=Text(zh="部门意见, 不能由申请人签", en="what an area says, by somebody who didn't ask for the change"),
    subjects=("change",),
    check=_check_other,
    law=work.LAW,
    before=BEFORE_APPROVAL,
)
APPROVE = Effect(
    name="change.approve",
    title=Text(
        zh="批准变更, 并锁定受影响批次的后续步骤",
        en="approve the change and lock the later steps of the batches that it touches",
    ),
    subjects=("change",),
    check=_check_approval,
    do=_approve,
    facts=(changes.APPROVED,),
    gives=(batches.UNDECIDED,),
    law=work.LAW,
    before=(Before(result="closed"),),
)
REFUSE = Effect(
    name="change.refuse",
    title=Text(zh="不批准变更", en="refuse the change"),
    subjects=("change",),
    do=_refuse,
    facts=(changes.CLOSED,),
    before=(Before(result="turned_down"),),
)
WITHDRAW = Effect(
    name="change.withdraw",
    title=Text(zh="撤回变更, 放开未决定的批次", en="withdraw the change and free what nobody has decided on"),
    subjects=("change",),
    do=_withdraw,
    facts=(changes.CLOSED,),
    before=(Before(result="withdrawn"),),
)
AREAS = (
    _area("quality", "质量", "quality"),
    _area("production", "生产", "production"),
    _area("warehouse", "仓库", "warehouse"),
    _area("purchasing", "采购", "purchasing"),
    _area("regulatory", "法规", "regulatory affairs"),
)
OF_APPROVAL = Record(
    "change.approval",
    Text(zh="变更、影响范围和部门意见", en="change, impact and what the areas say"),
    _record_of_approval,
)
WHAT = {"kind": Text(zh="变更对象", en="what changes"), "target": Text(zh="对象编号", en="its number")}
FACTS = (
    FactKind(
        changes.OPENED,
        Text(zh="变更已提出", en="a change was asked for"),
        ("change",),
        {"number": FieldType.TEXT, "kind": FieldType.TEXT, "target": FieldType.TEXT},
        {"number": work.NUMBER, **WHAT},
    ),
    FactKind(
        changes.APPROVED,
        Text(zh="变更已批准", en="a change was approved"),
        ("change",),
        {"number": FieldType.TEXT, "kind": FieldType.TEXT, "target": FieldType.TEXT, "paused": FieldType.INTEGER},
        {"number": work.NUMBER, **WHAT, "paused": Text(zh="暂停的批次数", en="batches paused")},
    ),
    FactKind(
        changes.DECIDED,
        Text(zh="变更的批次已决定", en="batches of a change were decided on"),
        ("change",),
        {"number": FieldType.TEXT, "decided": FieldType.INTEGER, "left": FieldType.INTEGER},
        {
            "number": work.NUMBER,
            "decided": Text(zh="已决定的批次数", en="batches decided on"),
            "left": Text(zh="未决定的批次数", en="batches left"),
        },
    ),
    *work.FACTS,
    *temporary.FACTS,
    FactKind(
        changes.CLOSED,
        Text(zh="变更已结束", en="a change has ended"),
        ("change",),
        {"number": FieldType.TEXT, "outcome": FieldType.CHOICE},
        {"number": work.NUMBER, "outcome": Text(zh="结果", en="result")},
        {
            "outcome": {
                "closed": Text(zh="已关闭", en="closed"),
                "refused": Text(zh="未批准", en="refused"),
                "withdrawn": Text(zh="已撤回", en="withdrawn"),
            }
        },
    ),
)
SUBJECTS = (SUBJECT,)
SOURCES = (Source("change", NUMBERS, "change", "change.change_no", "change.title", "change.title_en"),)
# definitions stand above the engine and hand nothing in; software has no register yet, and its batches are named by hand
CHANGES = (
    Changeable(
        "definition",
        kernel.Text("流程定义", "Process definition"),
        "select key as number, body::jsonb #>> '{title,zh}' as title, body::jsonb #>> '{title,en}' as title_en"
        " from definition_version where key = :number and status = 'effective' order by version desc limit 1",
        "select d.key, d.version::text, r.lot_id from definition_version d join process_run r on r.definition_id = d.id where r.lot_id is not null",
    ),
    Changeable(
        "software",
        kernel.Text("软件", "Software"),
        "select cast(:number as text) as number, cast(:number as text) as title, cast(:number as text) as title_en where btrim(:number) <> ''",
    ),
)
EFFECTS = (
    ASSESS, REVIEW, APPROVE, batches.DECIDE, batches.RECOUNT, work.VERIFY, work.TAKE_EFFECT, work.PLAN, batches.CLOSE, REFUSE, WITHDRAW,
)  # fmt: skip
FOR_A_TIME = tuple(work.TAKE_EFFECT_AT_ONCE if one is work.TAKE_EFFECT else one for one in EFFECTS)
"""A temporary change takes effect when somebody says so, and no later: its number counts from then."""
RECORDS = (*AREAS, OF_APPROVAL, batches.OF_BATCHES, work.OF_VERIFICATION, work.OF_EFFECT, batches.OF_CLOSING)
GATES = (work.VERIFICATION, work.EFFECT, batches.CLOSING)
KINDS = (
    Kind(
        family=rules.PROCESS,
        subject="change",
        prefix="change",
        workflow="Change",
        rank=2,
        signed_as=OF_GOODS,
        several=False,
        effects=EFFECTS,
        records=RECORDS,
        gates=GATES,
        floor=(check_change,),
    ),
    emergency.KIND,
    *temporary.kinds_of(FOR_A_TIME, RECORDS, GATES),
    *work.KINDS,
)
