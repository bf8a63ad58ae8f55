"""A temporary change: approved with its end, asked about before it, and gone back by itself at it (ISO 13485 7.3.9; REQUIREMENTS 46, 47)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from models.change import rules
from models.change.floor import check_ending, check_temporary
from models.change.kind import work
from models.change.kind.records import case
from models.change.rules import temporary as pure
from models.change.rules.temporary import End, Why
from models.change.store import changes, temporary
from models.change.tables import Change
from models.definition.document import FieldType, Text
from models.lot.kind import OF_GOODS
from models.process.context import Ctx
from models.process.kind import Clocks, Effect, FactKind, Kind, Reads, Record
from models.process.messages.process import Escalate, Receipt
from models.process.messages.timer import Timer
from models.process.store import runs

OF_EXTENSION, OF_STOP = "change.extension", "change.stop"


def _timers(ctx: Ctx) -> Sequence[Timer]:
    return temporary.timers(ctx.session, ctx.subject)


def _moment(ctx: Ctx, command: Escalate) -> datetime | None:
    return temporary.moment(ctx.session, ctx.subject, command.level)


def _fire(ctx: Ctx, command: Escalate) -> Receipt:
    """Its end, or the moment before it, has come: once, whoever asks and however often."""
    session, now = ctx.session, ctx.now
    row = changes.lock(session, ctx.subject.subject_id)
    if command.level == temporary.REMINDER:
        temporary.count_alone(session)  # before the run, as whoever makes a batch of the number has them
    at = temporary.moment(session, row, command.level)
    data: dict[str, Any] = {"number": row.change_no, "raised": at is not None and at <= now}
    if data["raised"] and command.level == temporary.REMINDER:
        temporary.remind(session, row, runs.NOBODY, now)
    elif data["raised"] and (why := temporary.over(session, row, now)) is not None:
        data |= temporary.go_back(session, row, why, runs.NOBODY, now)
    run = runs.load(session, command.run_id, lock=True)
    return Receipt(act="escalate", at=now, data=data, run=runs.view(session, run) if data["raised"] else None)


def _outlives(ctx: Ctx) -> bool:
    del ctx
    return False


def _nobody(session: Session) -> tuple[str, ...]:
    del session
    return ()


def _asked(ctx: Ctx, form: Mapping[str, Any]) -> End:
    """The end that is asked for, refused where it can't be."""
    day, number = form.get("until"), form.get("batches")
    asked = End(date.fromisoformat(str(day)) if day else None, int(number) if number not in {None, ""} else None)
    change: Change = ctx.subject
    today = temporary.plant_today(ctx.session, ctx.now)
    ended = temporary.over(ctx.session, change, ctx.now)
    return pure.check_extension(change.change_no, temporary.end_of(change), asked, ended, today)


def _asking(ctx: Ctx) -> tuple[str, Mapping[str, Any]]:
    """The step at which it was asked for, and what was said there."""
    definition, state = ctx.run.definition, ctx.run.state
    stage = next((one.key for one in definition.stages if any(o.does and ASK.name in o.does for o in one.outcomes)), "")
    return stage, state.forms.get(stage, {})


def _check_ask(ctx: Ctx) -> None:
    _asked(ctx, ctx.form)


def _check_other(ctx: Ctx) -> tuple[int, ...]:
    stage, _ = _asking(ctx)
    asked_by = tuple(int(one) for one in ctx.run.state.who(stage, "last"))
    pure.check_other(ctx.subject.change_no, asked_by, {ctx.by.person_id, ctx.by.on_behalf_of or ctx.by.person_id})
    return asked_by


def _check_extension(ctx: Ctx) -> None:
    _check_other(ctx)
    _asked(ctx, _asking(ctx)[1])


def _extend(ctx: Ctx) -> Mapping[str, Any]:
    (asked_by, *_), form = _check_other(ctx), _asking(ctx)[1]
    temporary.count_alone(ctx.session)
    reason = str(form.get("reason") or "").strip()
    return temporary.extend(
        ctx.session, ctx.subject, _asked(ctx, form), asked_by, reason, ctx.run.row.id, ctx.by, ctx.now
    )


def _check_stop(ctx: Ctx) -> None:
    _check_other(ctx)
    if temporary.over(ctx.session, ctx.subject, ctx.now) is not None:
        raise pure.ENDED(number=ctx.subject.change_no)


def _stop(ctx: Ctx) -> Mapping[str, Any]:
    return temporary.go_back(ctx.session, ctx.subject, Why.HAND, ctx.by, ctx.now, ctx.run.row.id)


def _record(key: str) -> Any:
    def build(ctx: Ctx) -> str:
        return case(ctx, key, made=temporary.made(ctx.session, ctx.subject))

    return build


ASK = Effect(
    name="change.ask_longer",
    title=Text(zh="申请延长临时变更", en="ask for a temporary change to be extended"),
    subjects=("change",),
    check=_check_ask,
    reads=(Reads("until", (FieldType.DATE,)), Reads("batches", (FieldType.INTEGER,))),
    law=work.LAW,
    optional=True,
)
EXTEND = Effect(
    name="change.extend",
    title=Text(
        zh="延长临时变更, 由非申请人签名",
        en="extend a temporary change, by the signature of somebody who didn't ask for it",
    ),
    subjects=("change",),
    check=_check_extension,
    do=_extend,
    facts=(temporary.EXTENDED,),
    gives=("item.task_on", "item.due"),
    law=work.LAW,
    optional=True,
)
STOP = Effect(
    name="change.stop",
    title=Text(zh="提前结束临时变更", en="end a temporary change before its time"),
    subjects=("change",),
    check=_check_stop,
    do=_stop,
    facts=(temporary.ENDED,),
    law=work.LAW,
    optional=True,
)
FACTS = (
    FactKind(
        temporary.ENDED,
        Text(zh="临时变更已结束, 恢复旧方式", en="a temporary change has ended and the old way is effective again"),
        ("change",),
        {"number": FieldType.TEXT, "by": FieldType.CHOICE, "paused": FieldType.INTEGER, "left": FieldType.INTEGER},
        {
            "number": work.NUMBER,
            "by": Text(zh="因何结束", en="ended by"),
            "paused": Text(zh="暂停的批次数", en="batches paused"),
            "left": Text(zh="未决定的批次数", en="batches left"),
        },
        {
            "by": {
                "day": Text(zh="到期", en="its day"),
                "number": Text(zh="批数用完", en="its number of batches"),
                "hand": Text(zh="提前结束", en="a signature"),
            }
        },
    ),
    FactKind(
        temporary.EXTENDED,
        Text(zh="临时变更已延长", en="a temporary change was extended"),
        ("change",),
        {
            "number": FieldType.TEXT,
            "extension": FieldType.INTEGER,
            "until": FieldType.TEXT,
            "batches": FieldType.INTEGER,
        },
        {
            "number": work.NUMBER,
            "extension": Text(zh="第几次延长", en="extension"),
            "until": Text(zh="到哪一天", en="until"),
            "batches": Text(zh="批数", en="number of batches"),
        },
    ),
    FactKind(
        temporary.NEAR,
        Text(zh="临时变更的批数将用完", en="the number of a temporary change is nearly made"),
        ("change",),
        {"number": FieldType.TEXT, "made": FieldType.INTEGER},
        {"number": work.NUMBER, "made": Text(zh="已做批数", en="batches made")},
    ),
)


def kinds_of(effects: tuple[Effect, ...], records: tuple[Record, ...], gates: tuple[Any, ...]) -> tuple[Kind, ...]:
    """The process of a temporary change, which does what that of a change does, and the one that asks what becomes of it."""
    return (
        Kind(
            family=rules.TEMPORARY,
            subject="change",
            prefix=rules.TEMPORARY,
            workflow="Change",
            rank=2,
            signed_as=OF_GOODS,
            several=False,
            effects=effects,
            records=records,
            gates=gates,
            floor=(check_temporary,),
            clocks=Clocks(timers=_timers, moment=_moment, fire=_fire, outlive=_outlives, waiting=_nobody),
        ),
        Kind(
            family=rules.ENDING,
            subject="change",
            prefix=rules.ENDING,
            workflow="Change",
            rank=2,
            signed_as=OF_GOODS,
            several=True,
            effects=(ASK, EXTEND, STOP),
            records=(
                Record(
                    OF_EXTENSION,
                    Text(zh="临时变更和申请的延长", en="the temporary change and the extension"),
                    _record(OF_EXTENSION),
                ),
                Record(OF_STOP, Text(zh="临时变更和提前结束", en="the temporary change and its end"), _record(OF_STOP)),
            ),
            floor=(check_ending,),
        ),
    )
