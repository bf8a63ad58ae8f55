"""A recall or a drill as a subject of processes, and the families that carry it (21 CFR 7.40-7.59, 806; REQUIREMENTS 74-82)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.definition.document import FieldType, Stage, StageKind, Text
from models.lot.kind import OF_GOODS
from models.notice.store import receiver_lists
from models.process.context import Ctx
from models.process.kind import Before, Clocks, Effect, FactKind, Kind, Part, Reads, Record, Said
from models.process.messages.process import Escalate, Receipt
from models.process.messages.timer import Timer
from models.process.store import runs
from models.process.subject import Source, SubjectKind
from models.pull import store as pulls
from models.recall.floor import check_recall
from models.recall.kind import effects as effects_recall
from models.recall.store import duties as recall_duties
from models.recall.store import hold_and_notify as outward
from models.recall.store import recalls
from models.recall.store import receivers as recall_receivers
from models.recall.tables.recall import RECALLS, Recall

CHOSEN = (FieldType.CHOICE,)
WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)
NUMBERS = (FieldType.DECIMAL, FieldType.INTEGER)


def _published(session: Session, recall: Recall, fact: str, data: Mapping[str, Any]) -> None:
    del data
    outward.publish(session, recall, fact)


SHOWN = """
select c.status, false, c.mode, (select s.lots from recall_scope s where s.recall_id = c.id order by s.id desc limit 1),
       null, null, null, null, c.recall_no, null
  from recall c where about.kind = 'recall' and c.subject_id = about.id
"""
"""What the inbox shows of a recall: whether it is a drill, and how many batches its newest scope has."""
DUTY = "select 'deadline', d.rule_key, d.jurisdiction, null, null from recall_deadline d where d.run_id = t.run_id"
"""The rule and the market of a legal deadline."""
SUBJECT = SubjectKind(
    key="recall",
    title=Text(zh="召回", en="recall"),
    table=Recall,
    column="recall_id",
    number=lambda recall: str(recall.recall_no),
    lock=recalls.lock,
    published=_published,
    practised=lambda recall: bool(recall.mode == "drill"),
    shown=SHOWN,
)


# Its legal clocks ----------------------------------------------------------------------------------------------------------


def _timers(ctx: Ctx) -> Sequence[Timer]:
    return recall_duties.timers(ctx.session, ctx.subject)


def _moment(ctx: Ctx, command: Escalate) -> datetime | None:
    return recall_duties.moment_of(ctx.session, ctx.subject, command.deadline or 0, command.level)


def _fire(ctx: Ctx, command: Escalate) -> Receipt:
    """A moment of a legal deadline has come: its report becomes somebody's task, or was missed."""
    session, recall, now = ctx.session, recalls.lock(ctx.session, ctx.subject.id), ctx.now
    deadline = command.deadline or 0
    raised = _moment(ctx, command) is not None and recall_duties.fire(
        session, recall, deadline, command.level, runs.NOBODY, now
    )
    run = runs.load(session, command.run_id, lock=True)
    data = {"recall_no": recall.recall_no, "deadline": deadline, "level": command.level, "raised": raised}
    return Receipt(act="escalate", at=now, data=data, run=runs.view(session, run) if raised else None)


def _outlive(ctx: Ctx) -> bool:
    return ctx.run.row.workflow_id in recall_duties.waiting(ctx.session)


# What its steps do ---------------------------------------------------------------------------------------------------------


def _close(ctx: Ctx) -> Mapping[str, Any]:
    effects_recall.ended(ctx.session, ctx.subject, "closed", ctx.by, ctx.now)
    return {}


def _withdraw(ctx: Ctx) -> Mapping[str, Any]:
    effects_recall.ended(ctx.session, ctx.subject, "withdrawn", ctx.by, ctx.now)
    return {}


def _numbered(ctx: Ctx) -> Mapping[str, Any]:
    return {"recall_no": ctx.subject.recall_no}


LAW = "医疗器械召回管理办法; 21 CFR 7.41, 7.42, 7.49, 806; ISO 13485 8.3.3"
CLOSED = (Before(result="closed"),)
COMPUTE = Effect(
    name="recall.compute_scope",
    title=Text(zh="重新计算范围", en="compute the scope again"),
    subjects=("recall",),
    do=effects_recall.compute_scope,
    law=LAW,
)
APPROVE = Effect(
    name="recall.approve_scope",
    title=Text(zh="范围定稿: 分级、处理方式、法定期限", en="the scope stands: class, handling, legal clocks"),
    subjects=("recall",),
    check=effects_recall.check_approval,
    do=effects_recall.approve_scope,
    reads=(
        Reads("recall_class", CHOSEN),
        Reads("us_class", CHOSEN),
        Reads("hazard", WORDS),
        Reads("action", CHOSEN),
        Reads("measure", CHOSEN),
        Reads("depth", CHOSEN),
        Reads("effectiveness", CHOSEN),
        Reads("effectiveness_share", NUMBERS),
    ),
    law="医疗器械召回管理办法 (召回分级); 21 CFR 7.41, 7.42; MDR Art. 87",
    before=(Before(effect="recall.notify"), Before(result="closed")),
)
HOLD = Effect(
    name="recall.hold_scope",
    title=Text(zh="冻结范围内全部批次", en="hold everything in the scope"),
    subjects=("recall",),
    do=effects_recall.hold_scope,
    law="ISO 13485 8.3.1, 8.3.3",
    before=CLOSED,
)
NOTIFY = Effect(
    name="recall.notify",
    title=Text(zh="通知客户", en="tell the customers"),
    subjects=("recall",),
    check=effects_recall.check_signed,
    do=effects_recall.notify,
    law="医疗器械召回管理办法 (通知); 21 CFR 7.49",
    before=CLOSED,
)
REMIND = Effect(
    name="recall.remind",
    title=Text(zh="提醒未回执的客户", en="remind the customers who have not answered"),
    subjects=("recall",),
    do=effects_recall.remind,
    law="21 CFR 7.42(b)(3), 7.49(d)",
)
FOLLOWED = Effect(
    name="recall.end_follow_up",
    title=Text(zh="跟踪完成", en="the follow-up is done"),
    subjects=("recall",),
    check=effects_recall.check_followed,
    do=effects_recall.end_follow_up,
    law="21 CFR 7.42(b)(3)",
    before=CLOSED,
)
WIDEN = Effect(
    name="recall.widen_scope",
    title=Text(zh="扩大范围", en="widen the scope"),
    subjects=("recall",),
    check=effects_recall.check_wider,
    do=effects_recall.widen_scope,
    reads=(Reads("identifiers", WORDS),),
    law=LAW,
)
RECONCILE = Effect(
    name="recall.reconcile",
    title=Text(zh="核对数量", en="reconcile the figures"),
    subjects=("recall",),
    check=effects_recall.check_closing,
    do=_numbered,
    law="医疗器械召回管理办法 (总结评估); 21 CFR 7.55",
    before=CLOSED,
)
ASK_WITHDRAWAL = Effect(
    name="recall.ask_withdrawal",
    title=Text(zh="能否撤销", en="whether it can be withdrawn"),
    subjects=("recall",),
    check=effects_recall.check_withdrawal,
    do=_numbered,
    law="ISO 13485 8.3.3",
    before=(Before(result="withdrawn"),),
)
CLOSE = Effect(
    name="recall.close",
    title=Text(zh="关闭召回", en="close the recall"),
    subjects=("recall",),
    do=_close,
    facts=("recall.closed",),
    law="21 CFR 7.55",
    before=CLOSED,
)
WITHDRAW = Effect(
    name="recall.withdraw",
    title=Text(zh="撤销召回, 解除冻结", en="withdraw the recall and let go of what it held"),
    subjects=("recall",),
    do=_withdraw,
    facts=("recall.withdrawn",),
    before=(Before(result="withdrawn"),),
)
SCOPE = Record(
    "recall.scope",
    Text(zh="召回范围", en="the scope"),
    lambda ctx: effects_recall.scope_record(ctx.session, ctx.subject),
)
CLOSING = Record(
    "recall.closing",
    Text(zh="核对结果", en="the figures"),
    lambda ctx: effects_recall.closing_record(ctx.session, ctx.subject),
)


def _said(stage: Stage) -> Said:
    if stage.kind is StageKind.END:
        return Said(does=(WITHDRAW.name if stage.result == "withdrawn" else CLOSE.name,))
    outcomes = {
        "review_scope": {"recompute": (COMPUTE.name,)},
        "approve_scope": {"approve": (APPROVE.name,)},
        "follow_up": {"done": (FOLLOWED.name,), "expand": (WIDEN.name,)},
        "close": {"close": (RECONCILE.name,)},
    }.get(stage.key, {})
    does = {"hold_all": (HOLD.name,), "notify": (NOTIFY.name,)}.get(stage.key, ())
    return Said(
        does=does,
        record=CLOSING.name if stage.key == "close" else SCOPE.name,
        outcomes={**outcomes, "withdraw": (ASK_WITHDRAWAL.name,)},
        escalated=(REMIND.name,) if stage.key == "follow_up" else (),
    )


# A legal deadline that came near ---------------------------------------------------------------------------------------------


def _check_explained(ctx: Ctx) -> None:
    recall_duties.check(ctx.session, ctx.run.row.id, dict(ctx.form))


def _explained(ctx: Ctx) -> Mapping[str, Any]:
    deadline = recall_duties.of_run(ctx.session, ctx.run.row.id).rule_key
    return {"recall_no": ctx.subject.recall_no, "deadline": deadline}


EXPLAIN = Effect(
    name="deadline.explain",
    title=Text(zh="说明为何超期", en="why a legal deadline was missed"),
    subjects=("recall",),
    check=_check_explained,
    do=_explained,
    reads=(Reads("explanation", WORDS),),
    law="医疗器械召回管理办法; 21 CFR 806.10; MDR Art. 87",
    before=(Before(result="explained"),),
)


def _said_of_deadline(stage: Stage) -> Said:
    return Said() if stage.kind is StageKind.END else Said(does=(EXPLAIN.name,), record=SCOPE.name)


# Goods that are brought back from a place ------------------------------------------------------------------------------------


def _check_count(ctx: Ctx) -> None:
    pulls.check(ctx.session, ctx.run.row.id, dict(ctx.form))


def _count(ctx: Ctx) -> Mapping[str, Any]:
    session, recall = ctx.session, ctx.subject
    pull = pulls.completed(session, ctx.run.row.id, dict(ctx.form), ctx.by, ctx.now)
    if pull.brought:
        reason = f"{recall.recall_no} {pull.place} → {pull.put_to}"
        outward.carry(session, recall, pull.place, pull.put_to, pull.brought, reason, ctx.by.person_id)
    return {
        "recall_no": recall.recall_no,
        "place": pull.place,
        "expected": str(pull.expected),
        "found": str(pull.found),
    }


COUNT = Effect(
    name="pull.count",
    title=Text(zh="登记找到的数量和去处", en="what was found and where it lies now"),
    subjects=("recall",),
    check=_check_count,
    do=_count,
    reads=(
        Reads("found", (FieldType.QUANTITY, *NUMBERS), required=True),
        Reads("location", WORDS),
        Reads("note", WORDS),
    ),
    law="ISO 13485 8.3.1, 8.3.3; 医疗器械召回管理办法 (停止销售和使用)",
    before=(Before(result="pulled"),),
)


# Receivers whom a customer has named ----------------------------------------------------------------------------------------


def _confirm(ctx: Ctx) -> Mapping[str, Any]:
    return recall_receivers.decided(
        ctx.session, ctx.run.row.id, ctx.subject, ctx.reason, ctx.by, ctx.now, confirmed=True
    )


def _decline(ctx: Ctx) -> Mapping[str, Any]:
    return recall_receivers.decided(
        ctx.session, ctx.run.row.id, ctx.subject, ctx.reason, ctx.by, ctx.now, confirmed=False
    )


LAW_OF_RECEIVERS = "21 CFR 7.42(b)(1), 7.49(d); 医疗器械召回管理办法"
CONFIRM = Effect(
    name="receivers.confirm",
    title=Text(zh="通知名单上的收货单位", en="tell the receivers on the list"),
    subjects=("recall",),
    do=_confirm,
    law=LAW_OF_RECEIVERS,
    before=(Before(result="told"),),
)
DECLINE = Effect(
    name="receivers.decline",
    title=Text(zh="不予确认, 产品仍算去向不明", en="turn the list down; the goods stay without a known receiver"),
    subjects=("recall",),
    do=_decline,
    law=LAW_OF_RECEIVERS,
    before=(Before(result="declined"),),
)


SUBJECTS = (SUBJECT,)
SOURCES = (Source("recall", RECALLS, "recall", "recall.recall_no", "recall.title", "recall.title"),)
PARTS = (Part(pulls.KEY, (COUNT,)), Part(receiver_lists.KEY, (CONFIRM, DECLINE)))
MODE = {"mode": FieldType.CHOICE}
NAMES = {"mode": Text(zh="方式", en="kind")}
ANSWERS = {"mode": {"recall": Text(zh="真实召回", en="recall"), "drill": Text(zh="演练", en="drill")}}
FACTS = (
    FactKind(
        "recall.approved",
        Text(zh="召回范围已定稿", en="the scope of a recall stands"),
        ("recall",),
        {**MODE, "class": FieldType.TEXT, "version": FieldType.INTEGER},
        {**NAMES, "class": Text(zh="召回级别", en="class"), "version": Text(zh="范围版本", en="version of the scope")},
        ANSWERS,
    ),
    FactKind("recall.closed", Text(zh="召回已关闭", en="a recall is closed"), ("recall",), MODE, NAMES, ANSWERS),
    FactKind("recall.withdrawn", Text(zh="召回已撤销", en="a recall is withdrawn"), ("recall",), MODE, NAMES, ANSWERS),
)
KINDS = (
    Kind(
        family="recall",
        subject="recall",
        prefix="recall",
        workflow="Recall",
        rank=0,
        several=False,
        signed_as=replace(OF_GOODS, step="recall"),
        effects=(
            COMPUTE,
            APPROVE,
            HOLD,
            NOTIFY,
            REMIND,
            FOLLOWED,
            WIDEN,
            RECONCILE,
            ASK_WITHDRAWAL,
            CLOSE,
            WITHDRAW,
        ),
        records=(SCOPE, CLOSING),
        clocks=Clocks(timers=_timers, moment=_moment, fire=_fire, outlive=_outlive, waiting=recall_duties.waiting),
        floor=(check_recall,),
        before=_said,
    ),
    Kind(
        family=recall_duties.KEY,
        subject="recall",
        prefix="deadline",
        workflow="LegalDeadline",
        rank=0,
        signed_as=OF_GOODS,
        effects=(EXPLAIN,),
        records=(SCOPE,),
        before=_said_of_deadline,
        errand=DUTY,
    ),
)
