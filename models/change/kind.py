"""A change as what its process is about, and what that process does (ISO 13485 7.3.9; STANDARDS X 53; REQUIREMENTS 45, 46)."""

from collections.abc import Iterable, Mapping
from typing import Any

from models.change import rules
from models.change.floor import check_change
from models.change.rules import Way
from models.change.store import changes, impact
from models.change.tables import NUMBERS, Change
from models.definition.condition import Scalar
from models.definition.document import FieldType, Text
from models.kernel import text as kernel
from models.lot.kind import OF_GOODS
from models.lot.rules.locked import Step
from models.process import kinds
from models.process.changeable import Changeable
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Gate, Kind, Reads, Record
from models.process.store import signing
from models.process.subject import Source, SubjectKind

SHOWN = """
select c.status, false, c.target, null, null, null, null, null, null, null
  from change c where about.kind = 'change' and c.subject_id = about.id
"""
UNDECIDED = "change.undecided"
FEW = 100
"""Batches at one step that a record names; it says how many more there are."""
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


def _approve(ctx: Ctx) -> Mapping[str, Any]:
    return changes.approve(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now)


def _ways(ctx: Ctx) -> dict[str, Way]:
    rest = ctx.form.get("rest")
    named = [(str(one["batch"]), Way(one["way"])) for one in ctx.form.get("batches") or ()]
    paused = changes.paused(ctx.session, ctx.subject)
    return rules.decided(ctx.subject.change_no, paused.keys(), named, Way(rest) if rest else None)


def _check_decision(ctx: Ctx) -> None:
    _ways(ctx)


def _decide(ctx: Ctx) -> Mapping[str, Any]:
    return changes.decide(
        ctx.session, ctx.subject, _ways(ctx), (ctx.reason or "").strip(), ctx.run.row.id, ctx.by, ctx.now
    )


def _check_closing(ctx: Ctx) -> None:
    rules.check_closing(ctx.subject.change_no, changes.paused(ctx.session, ctx.subject).keys())


def _close(ctx: Ctx) -> Mapping[str, Any]:
    return changes.settle(ctx.session, ctx.subject, ctx.run.row.id, "closed", ctx.by, ctx.now)


def _refuse(ctx: Ctx) -> Mapping[str, Any]:
    return changes.settle(ctx.session, ctx.subject, ctx.run.row.id, "refused", ctx.by, ctx.now)


def _withdraw(ctx: Ctx) -> Mapping[str, Any]:
    return changes.settle(ctx.session, ctx.subject, ctx.run.row.id, "withdrawn", ctx.by, ctx.now)


def _recount(ctx: Ctx) -> Mapping[str, Any]:
    return {UNDECIDED: len(changes.paused(ctx.session, ctx.subject))}


def _by_step(rows: Iterable[tuple[str, int, str]]) -> dict[str, Any]:
    """Batches by the step at which they stand, so that thousands read as a few lines; the digest of the impact covers each."""
    found: dict[str, dict[str, list[str]]] = {}
    for step, seq, said in rows:
        found.setdefault(step, {}).setdefault(str(seq or ""), []).append(said)
    lines = {step: {seq: _line(those) for seq, those in seqs.items()} for step, seqs in found.items()}
    return {step: said if step == Step.OPERATION else said[""] for step, said in lines.items()}


def _line(those: list[str]) -> str:
    return ", ".join(those[:FEW]) + (f" … +{len(those) - FEW}" if len(those) > FEW else "")


def _case(ctx: Ctx, record: str, **more: Any) -> str:
    """The request with its impact as it was kept, and all that was said about it; each step has a record of its own."""
    row: Change = ctx.subject
    kept = impact.last(ctx.session, row)
    return signing.canonical(
        {
            "record": record,
            "number": row.change_no,
            "zh": row.title,
            "en": row.title_en or row.title,
            "reason": row.reason,
            "kind": row.kind,
            "target": row.target,
            "also": list(row.also),
            "first_step": row.first_step,
            "first_seq": row.first_seq,
            "opened_at": row.opened_at.isoformat(),
            "impact": {
                "computation": kept.version if kept else 0,
                "digest": kept.digest if kept else "",
                "counts": {name: n for name, n in kept.counts.items() if n} if kept else {},
                "standing": _by_step((one["step"], one["seq"], one["lot_no"]) for one in kept.lots) if kept else {},
            },
            "said": ctx.run.state.model_dump(mode="json", include={"forms", "outcomes", "facts"}),
            **more,
        }
    )


def _area(key: str, zh: str, en: str) -> Record:
    """What the signature of an area is over: each has a record of its own, since different people stand behind them."""
    return Record(
        f"change.{key}",
        Text(zh=f"变更和影响范围 ({zh})", en=f"change and impact ({en})"),
        lambda ctx: _case(ctx, f"change.{key}"),
    )


def _record_of_approval(ctx: Ctx) -> str:
    return _case(ctx, "change.approval")


def _record_of_batches(ctx: Ctx) -> str:
    rows = changes.paused(ctx.session, ctx.subject).values()
    paused = _by_step(
        (one.step, one.seq, f"{one.lot_no} ({one.item_no}, {one.quantity.normalize():f} {one.uom})") for one in rows
    )
    return _case(ctx, "change.batches", paused=paused)


def _record_of_closing(ctx: Ctx) -> str:
    return _case(ctx, "change.closing")


LAW = "ISO 13485 7.3.9; STANDARDS X 53"
BEFORE_APPROVAL = (Before(result="closed"), Before(effect="change.approve"))
ASSESS = Effect(
    name="change.assess",
    title=Text(zh="计算并保存影响范围", en="compute what the change touches and keep it"),
    subjects=("change",),
    do=_assess,
    reads=(Reads("risk", (FieldType.CHOICE,), required=True),),
    law=LAW,
    before=BEFORE_APPROVAL,
)
REVIEW = Effect(
    name=REVIEW_NAME,
    title=Text(zh="部门意见, 不能由申请人签", en="what an area says, by somebody who didn't ask for the change"),
    subjects=("change",),
    check=_check_other,
    law=LAW,
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
    gives=(UNDECIDED,),
    law=LAW,
    before=(Before(result="closed"),),
)
DECIDE = Effect(
    name="change.decide",
    title=Text(zh="决定暂停的批次怎样继续", en="say how paused batches go on"),
    subjects=("change",),
    check=_check_decision,
    do=_decide,
    facts=(changes.DECIDED,),
    gives=(UNDECIDED,),
    reads=(
        Reads("batches", (FieldType.TABLE,)),
        Reads("rest", (FieldType.CHOICE,)),
    ),
    law=LAW,
    optional=True,
)
RECOUNT = Effect(
    name="change.recount",
    title=Text(zh="清点还在等决定的批次", en="count the batches that still wait for a decision"),
    subjects=("change",),
    do=_recount,
    gives=(UNDECIDED,),
    optional=True,
)
CLOSE = Effect(
    name="change.close",
    title=Text(zh="关闭变更", en="close the change"),
    subjects=("change",),
    check=_check_closing,
    do=_close,
    facts=(changes.CLOSED,),
    law=LAW,
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
OF_BATCHES = Record("change.batches", Text(zh="暂停的批次", en="the paused batches"), _record_of_batches)
OF_CLOSING = Record("change.closing", Text(zh="变更全部记录", en="all of the change"), _record_of_closing)
CLOSING = Gate(
    "change.closing",
    Text(zh="受影响的批次都已决定", en="every batch that it touches is decided on"),
    _check_closing,
    law=LAW,
    record=OF_CLOSING.name,
)
NUMBER = Text(zh="编号", en="number")
WHAT = {"kind": Text(zh="变更对象", en="what changes"), "target": Text(zh="对象编号", en="its number")}
FACTS = (
    FactKind(
        changes.OPENED,
        Text(zh="变更已提出", en="a change was asked for"),
        ("change",),
        {"number": FieldType.TEXT, "kind": FieldType.TEXT, "target": FieldType.TEXT},
        {"number": NUMBER, **WHAT},
    ),
    FactKind(
        changes.APPROVED,
        Text(zh="变更已批准", en="a change was approved"),
        ("change",),
        {"number": FieldType.TEXT, "kind": FieldType.TEXT, "target": FieldType.TEXT, "paused": FieldType.INTEGER},
        {"number": NUMBER, **WHAT, "paused": Text(zh="暂停的批次数", en="batches paused")},
    ),
    FactKind(
        changes.DECIDED,
        Text(zh="变更的批次已决定", en="batches of a change were decided on"),
        ("change",),
        {"number": FieldType.TEXT, "decided": FieldType.INTEGER, "left": FieldType.INTEGER},
        {
            "number": NUMBER,
            "decided": Text(zh="已决定的批次数", en="batches decided on"),
            "left": Text(zh="未决定的批次数", en="batches left"),
        },
    ),
    FactKind(
        changes.CLOSED,
        Text(zh="变更已结束", en="a change has ended"),
        ("change",),
        {"number": FieldType.TEXT, "outcome": FieldType.CHOICE},
        {"number": NUMBER, "outcome": Text(zh="结果", en="result")},
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
    ),
    Changeable(
        "software",
        kernel.Text("软件", "Software"),
        "select cast(:number as text) as number, cast(:number as text) as title, cast(:number as text) as title_en where btrim(:number) <> ''",
    ),
)
KINDS = (
    Kind(
        family=rules.PROCESS,
        subject="change",
        prefix="change",
        workflow="Change",
        rank=2,
        signed_as=OF_GOODS,
        several=False,
        effects=(ASSESS, REVIEW, APPROVE, DECIDE, RECOUNT, CLOSE, REFUSE, WITHDRAW),
        records=(*AREAS, OF_APPROVAL, OF_BATCHES, OF_CLOSING),
        gates=(CLOSING,),
        floor=(check_change,),
    ),
)
