"""How paused batches go on, and that a change is closed over none of them (ISO 13485 7.3.9; REQUIREMENTS 46)."""

from collections.abc import Mapping
from typing import Any

from models.change import rules
from models.change.kind import work
from models.change.kind.records import by_step, case
from models.change.rules import Way, temporary
from models.change.store import changes, tasks
from models.definition.document import Definition, FieldType, Stage, Text
from models.process import kinds
from models.process.context import Ctx
from models.process.kind import Before, Effect, Gate, Reads, Record

UNDECIDED = "change.undecided"


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


def _recount(ctx: Ctx) -> Mapping[str, Any]:
    return {UNDECIDED: len(changes.paused(ctx.session, ctx.subject))}


def _check_closing(ctx: Ctx) -> None:
    session, change = ctx.session, ctx.subject
    rules.check_closing(change.change_no, changes.paused(session, change).keys())
    if change.temporary and change.ended_at is None:
        raise temporary.NOT_ENDED(number=change.change_no)
    rules.check_worked(
        change.change_no,
        planned=tasks.any_of(session, change),
        verified=change.verified_at is not None,
        untrained=tasks.undone(session, change, "training"),
    )
    if any(_takes_effect(ctx.run.definition, one) for one in ctx.run.definition.stages):
        made = changes.made(session, change)
        rules.check_in_effect(change.change_no, change.effective_at, ctx.now, change.effective_batch, made=made)


def _takes_effect(definition: Definition, stage: Stage) -> bool:
    """Whether a step lets it take effect: texts of before have none, and are closed as before."""
    names = {work.TAKE_EFFECT.name, work.TAKE_EFFECT_AT_ONCE.name}
    return any(not names.isdisjoint(kinds.does(definition, stage, one.key)) for one in stage.outcomes)


def _close(ctx: Ctx) -> Mapping[str, Any]:
    return changes.settle(ctx.session, ctx.subject, ctx.run.row.id, "closed", ctx.by, ctx.now)


def _record_of_batches(ctx: Ctx) -> str:
    rows = changes.paused(ctx.session, ctx.subject).values()
    paused = by_step(
        (one.step, one.seq, f"{one.lot_no} ({one.item_no}, {one.quantity.normalize():f} {one.uom})") for one in rows
    )
    return case(ctx, "change.batches", paused=paused)


def _record_of_closing(ctx: Ctx) -> str:
    return case(ctx, "change.closing", done=list(tasks.carried_out(ctx.session, ctx.subject)))


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
    law=work.LAW,
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
    law=work.LAW,
    before=(Before(result="closed"),),
)
OF_BATCHES = Record("change.batches", Text(zh="暂停的批次", en="the paused batches"), _record_of_batches)
OF_CLOSING = Record("change.closing", Text(zh="变更全部记录", en="all of the change"), _record_of_closing)
CLOSING = Gate(
    "change.closing",
    Text(
        zh="受影响的批次都已决定, 实施已验证, 培训已完成, 变更已生效",
        en="every batch that it touches is decided on, what was planned is verified, everybody is trained, and it is in effect",
    ),
    _check_closing,
    law=work.LAW,
    record=OF_CLOSING.name,
)
