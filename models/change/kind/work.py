"""What people do and read for an approved change, and who verifies it (ISO 13485 7.3.9, 6.2)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from models.change import rules
from models.change.floor import check_work
from models.change.kind.records import case
from models.change.rules import temporary as pure
from models.change.store import changes, tasks, temporary
from models.change.tables import Change
from models.definition.document import FieldType, Text
from models.kernel.time.moments import plant_day
from models.lot.kind import OF_GOODS
from models.lot.store import lots
from models.person.tables import Person
from models.process import kinds
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Gate, Kind, Reads, Record
from models.process.store import signing

LAW = "ISO 13485 7.3.9; STANDARDS X 53"
NUMBER = Text(zh="编号", en="number")


def reads(*, required: bool) -> tuple[Reads, ...]:
    """The answers that plan what is done for a change."""
    return (Reads("tasks", (FieldType.TABLE,), required=required), Reads("training", (FieldType.TABLE,)))


def planned_by(ctx: Ctx, effect: str) -> list[rules.Planned]:
    """What the step that does this effect has planned."""
    definition, state = ctx.run.definition, ctx.run.state
    assessed = next((one.key for one in definition.stages if effect in kinds.does(definition, one)), "")
    return tasks.read(ctx.session, state.forms.get(assessed, {}))


def _check_verified(ctx: Ctx) -> None:
    session, change = ctx.session, ctx.subject
    people = {ctx.by.person_id, ctx.by.on_behalf_of or ctx.by.person_id}
    undone, doers = tasks.undone(session, change, "task"), tasks.doers(session, change)
    rules.check_verified(change.change_no, undone, doers, people)


def _verify(ctx: Ctx) -> Mapping[str, Any]:
    return changes.verify(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now)


def _check_plan(ctx: Ctx) -> None:
    if not tasks.check(ctx.session, ctx.form, ctx.now):
        raise rules.NOTHING_MORE()


def _plan(ctx: Ctx) -> Mapping[str, Any]:
    planned = tasks.read(ctx.session, ctx.form)
    return {"tasks": tasks.give(ctx.session, ctx.subject, planned, ctx.by, ctx.now)}


def _effect(ctx: Ctx) -> tuple[date | None, str | None]:
    session, change, said = ctx.session, ctx.subject, ctx.form
    chosen, on = said.get("effective"), said.get("effective_on")
    day = rules.takes_effect(
        change.change_no,
        verified=change.verified_at is not None,
        in_effect=changes.in_effect(session, change, ctx.now),
        untrained=tasks.undone(session, change, "training"),
        day=date.fromisoformat(on) if chosen == "on_day" and on else None,
        today=plant_day(ctx.now, lots.site_zone(session)),
    )
    pure.check_begins(change.ends_on, day or plant_day(ctx.now, lots.site_zone(session)))
    return day, str(said.get("effective_batch") or "").strip() or None if chosen == "from_batch" else None


def _check_effect(ctx: Ctx) -> None:
    _effect(ctx)


def _take_effect(ctx: Ctx) -> Mapping[str, Any]:
    done = changes.take_effect(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now, *_effect(ctx))
    if ctx.subject.temporary:
        temporary.begun(ctx.session, ctx.subject, ctx.by, ctx.now)
    return done


def _record_of_effect(ctx: Ctx) -> str:
    return case(ctx, "change.effect", done=list(tasks.carried_out(ctx.session, ctx.subject)))


def _done(ctx: Ctx) -> Mapping[str, Any]:
    return tasks.done(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now)


def _check_reader(ctx: Ctx) -> None:
    owner = tasks.of_run(ctx.session, ctx.run.row.id).owner_id
    name = ctx.session.get_one(Person, owner).name
    rules.check_reader(owner, name, ctx.by.person_id, ctx.by.on_behalf_of)


def _record_of_verification(ctx: Ctx) -> str:
    return case(ctx, "change.verification", done=list(tasks.carried_out(ctx.session, ctx.subject)))


def _of_one(ctx: Ctx, record: str) -> str:
    """The change, and of its tasks the one that is signed."""
    change: Change = ctx.subject
    task = tasks.of_run(ctx.session, ctx.run.row.id)
    return signing.canonical(
        {
            "record": record,
            "number": change.change_no,
            "zh": change.title,
            "en": change.title_en or change.title,
            "reason": change.reason,
            "kind": change.kind,
            "target": change.target,
            "task" if task.kind == "task" else "training": task.title,
            **({"changes": task.changes} if task.changes else {}),
            "task_number": task.number,
            "owner": ctx.session.get_one(Person, task.owner_id).name,
            "due": task.due.isoformat(),
        }
    )


def _record_of_task(ctx: Ctx) -> str:
    return _of_one(ctx, "change.task")


def _record_of_training(ctx: Ctx) -> str:
    return _of_one(ctx, "change.training")


PLAN = Effect(
    name="change.plan",
    title=Text(zh="增加实施任务和培训", en="plan more tasks and trainings"),
    subjects=("change",),
    check=_check_plan,
    do=_plan,
    reads=reads(required=False),
    optional=True,
)
VERIFY = Effect(
    name="change.verify",
    title=Text(
        zh="验证实施结果, 由未参与实施的人签名",
        en="verify what was implemented, by the signature of somebody who did none of it",
    ),
    subjects=("change",),
    check=_check_verified,
    do=_verify,
    facts=(changes.VERIFIED,),
    gives=(changes.VERIFIED, "change.undecided"),
    law=LAW,
    before=(Before(result="closed"), Before(effect="change.close")),
)
TAKE_EFFECT = Effect(
    name="change.take_effect",
    title=Text(zh="变更生效", en="let the change take effect"),
    subjects=("change",),
    check=_check_effect,
    do=_take_effect,
    reads=(
        Reads("effective", (FieldType.CHOICE,), required=True),
        Reads("effective_on", (FieldType.DATE,)),
        Reads("effective_batch", (FieldType.TEXT,)),
    ),
    facts=(changes.EFFECTIVE,),
    gives=(changes.EFFECTIVE, "change.undecided"),
    law=LAW,
    optional=True,
)
TAKE_EFFECT_AT_ONCE = replace(
    TAKE_EFFECT,
    name="change.take_effect_at_once",
    title=Text(zh="变更立即生效", en="let the change take effect at once"),
    reads=(),
)
TASK_DONE = Effect(
    name="change.task_done",
    title=Text(zh="完成变更的实施任务", en="carry out a task of a change"),
    subjects=("change",),
    do=_done,
    facts=(tasks.DONE,),
    law=LAW,
    before=(Before(result="done"),),
)
TRAINED = Effect(
    name="change.trained",
    title=Text(zh="本人确认已阅读并理解", en="have read and understood it, by that very person"),
    subjects=("change",),
    check=_check_reader,
    do=_done,
    facts=(tasks.DONE,),
    law="ISO 13485 6.2; 7.3.9",
    before=(Before(result="done"),),
)
OF_VERIFICATION = Record(
    "change.verification",
    Text(zh="变更、任务和依据", en="the change, its tasks and their evidence"),
    _record_of_verification,
)
OF_EFFECT = Record(
    "change.effect", Text(zh="变更、验证和培训", en="the change, its verification and trainings"), _record_of_effect
)
OF_TASK = Record("change.task", Text(zh="变更的实施任务", en="the task of a change"), _record_of_task)
OF_TRAINING = Record(
    "change.training", Text(zh="变更内容和阅读要求", en="the change and what is read of it"), _record_of_training
)
VERIFICATION = Gate(
    "change.verification",
    Text(zh="任务都已完成, 验证人未参与实施", en="all tasks are done, and whoever verifies did none of them"),
    _check_verified,
    law=LAW,
    record=OF_VERIFICATION.name,
)
EFFECT = Gate(
    "change.effect",
    Text(zh="实施已验证, 培训已完成", en="what was planned is verified, and everybody is trained"),
    _check_effect,
    law=LAW,
    record=OF_EFFECT.name,
)
FACTS = (
    FactKind(
        changes.EFFECTIVE,
        Text(zh="变更生效", en="a change takes effect"),
        ("change",),
        {"number": FieldType.TEXT, "from": FieldType.DATE, "batch": FieldType.TEXT},
        {"number": NUMBER, "from": Text(zh="从何日起", en="from"), "batch": Text(zh="从何批起", en="with batch")},
    ),
    FactKind(
        tasks.DONE,
        Text(zh="变更的一项任务已完成", en="a task of a change was done"),
        ("change",),
        {"number": FieldType.TEXT, "task": FieldType.TEXT, "kind": FieldType.CHOICE},
        {"number": NUMBER, "task": Text(zh="任务", en="task"), "kind": Text(zh="类别", en="kind")},
        {
            "kind": {
                "task": Text(zh="实施任务", en="task"),
                "training": Text(zh="培训", en="training"),
            }
        },
    ),
    FactKind(
        changes.VERIFIED,
        Text(zh="变更已验证", en="a change was verified"),
        ("change",),
        {"number": FieldType.TEXT},
        {"number": NUMBER},
    ),
)


def _kind(family: str, effect: Effect, record: Record) -> Kind:
    return Kind(
        family=family,
        subject="change",
        prefix=family,
        workflow="Change",
        rank=2,
        signed_as=OF_GOODS,
        effects=(effect,),
        records=(record,),
        floor=(check_work,),
    )


KINDS = (_kind(rules.TASK, TASK_DONE, OF_TASK), _kind(rules.TRAINING, TRAINED, OF_TRAINING))
