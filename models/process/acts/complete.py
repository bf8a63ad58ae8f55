"""A person completes a task: rule, signature, effect, next tasks and facts together, or nothing (DESIGN 2.2, 7.4)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.definition.condition import Scalar
from models.definition.document import Stage, StageKind
from models.kernel.store import act
from models.kernel.store.act import zone
from models.process import engine as process
from models.process import kinds
from models.process.context import Ctx
from models.process.messages.process import CompleteTask, Receipt
from models.process.run import Run
from models.process.sign import sign as rules
from models.process.store import named_answers, runs, signing, written
from models.process.store import task_lock as tasks_lock
from models.process.store.signing import Signed
from models.process.subject import Groups
from models.process.tables.process import HumanTask


def complete(session: Session, command: CompleteTask, now: datetime) -> Receipt:
    """Complete the task.  The lock of what it is about decides between two people; the loser reads who was faster."""
    task = tasks_lock.find_open(session, command.task_id)
    # its subject before the run and the task, as every act locks them: a shipment and a signature never wait for each other in a
    # circle, nor do two signatures of which one ends what the other is about
    run = runs.locked(session, task)
    tasks_lock.check_open(session, task)
    tasks_lock.check_mine(session, task, command.by, now)
    stage = run.definition.stage(task.stage)
    form = {**command.form, **({"reason": command.reason} if command.reason else {})}
    ctx = context(session, run, stage, command, now, task)
    run.about.barred(ctx)
    outcome = said(ctx)
    form = named_answers.settled(session, stage, form, outcome, run.state.facts)
    groups = runs.groups(session, run)
    step = process.complete(
        run.definition, run.state, stage.key, outcome, form, [str(command.by.person_id)], now, groups
    )
    check_identities(run, stage, command, groups)
    answers = step.state.forms.get(stage.key, {})
    ctx = ctx.of(outcome=outcome, form=answers)
    data: dict[str, Any] = {"stage": stage.key, "outcome": outcome, **_sign(ctx, command)}
    stood, known = run.row.version, dict[str, Scalar]()
    for effect in kinds.effects(run.definition, stage, outcome):
        effect.check(ctx)
        answered = effect.do(ctx)
        known |= {name: answered[name] for name in effect.gives}
        data |= answered
    if known or run.row.version != stood:  # a fact that one of them made true has moved another track of this very run
        state = run.state.model_copy(update={"facts": {**run.state.facts, **known}})
        step = process.complete(
            run.definition, state, stage.key, outcome, form, [str(command.by.person_id)], now, groups
        )
    task.status, task.done_at, task.done_by_id = "done", now, command.by.person_id
    task.on_behalf_of_id, task.outcome, task.reason = command.by.on_behalf_of, outcome or "done", command.reason
    task.form = {key: value for key, value in answers.items() if key != "reason"}
    task.receipt = {"command": command.command_id, **{key: value for key, value in data.items() if value is not None}}
    session.add(task)
    fact = f"{run.definition.key}.{stage.key}"
    run.about.told(session, run.subject_key, fact, command.by.person_id, {"outcome": outcome or "done"})
    runs.advance(session, run, step, command.by, now)
    written.write(session)
    return Receipt(act="complete", at=now, data=data, run=runs.view(session, run))


def context(
    session: Session, run: Run, stage: Stage, command: CompleteTask, now: datetime, task: HumanTask | None
) -> Ctx:
    """The step as the command says it, for effects, records and gates."""
    form = {**command.form, **({"reason": command.reason} if command.reason else {})}
    return Ctx(
        session,
        run,
        command.by,
        now,
        stage=stage,
        task=task,
        outcome=command.outcome,
        form=form,
        reason=command.reason,
        seen=command.seen,
    )


def shown_record(ctx: Ctx) -> str:
    """The canonical record that a signature of this step is over; the page shows the same."""
    return _composed(ctx.session, ctx)


@act.as_written
def _composed(session: Session, ctx: Ctx) -> str:
    if ctx.stage is None:
        message = f"{ctx.run.row.workflow_id}: a record is of a step"
        raise TypeError(message)
    record = kinds.record(ctx.run.definition, ctx.stage)
    return record.build(ctx) if record is not None else _generic(session, ctx.run, ctx.stage)


def _generic(session: Session, run: Run, stage: Stage) -> str:
    """The record of a step that names none: its subject as it stands, and all that was said in the run."""
    return signing.canonical(
        {
            "record": "task",
            "run": run.row.workflow_id,
            "definition": f"{run.definition.key} v{run.definition.version}",
            "stage": stage.key,
            "subject": run.about.key,
            "number": run.number,
            "said": run.state.model_dump(mode="json", include={"forms", "outcomes", "facts"}),
            "stands": run.about.stands(session, run.subject),
        }
    )


def statement(signed: Iterable[Signed], stage: Stage, command: CompleteTask, record: str) -> str:
    """What the person says by signing this stage, over the record of that digest, after others have signed."""
    return signing.said(
        command.by,
        signed,
        record=record,
        meaning=stage.signature.meaning if stage.signature else "",
        outcome=command.outcome,
        form=command.form,
        reason=command.reason,
    )


def said(ctx: Ctx) -> str | None:
    """The outcome as said; an inspection's must be the one that the values give."""
    if ctx.stage is None or ctx.stage.kind is not StageKind.INSPECTION:
        return ctx.outcome
    return kinds.measured(ctx.run.definition).verdict(ctx)


def check_identities(run: Run, stage: Stage, command: CompleteTask, groups: Groups) -> None:
    """Nobody stands behind two sides of an act: not by a second account, not through a delegation.

    The engine compares persons; here the absent principal counts too, against everybody the stage excludes.
    """
    if command.by.on_behalf_of is None:
        return
    excluded: set[str] = set()
    for other in stage.not_same_as:
        excluded |= set(groups.get(other, ())) | set(run.state.who(other, stage.rounds))
    if str(command.by.on_behalf_of) in excluded:
        raise rules.TWICE(name=command.by.on_behalf_of_name or command.by.name)


def first_digest(run: Run, signed: Iterable[Signed], stage: Stage, outcome: str | None) -> str | None:
    """The digest that somebody has signed already, where this outcome joins them behind the same record."""
    joins = kinds.joined(run.definition, stage)
    if not joins or not kinds.positive(stage, outcome):
        return None
    first = signing.last_positive(run.definition, signed, joins)
    return first.digest if first is not None else None


def check_others(ctx: Ctx, signed: Iterable[Signed], sha: str) -> None:
    """Whoever says yes to a record is somebody else than those who have said yes to it at other steps."""
    if ctx.stage is None:
        return
    behind = {ctx.by.person_id, ctx.by.on_behalf_of or ctx.by.person_id}
    others = signing.signers(ctx.run.definition, signed, sha, ctx.stage.key)
    rules.check_other_person(behind, others, ctx.by.name)


def check_gate(ctx: Ctx) -> None:
    """What must be passed to say yes."""
    gate = kinds.gate(ctx.run.definition, ctx.stage) if ctx.stage is not None else None
    if gate is not None:
        gate.check(ctx)


def _sign(ctx: Ctx, command: CompleteTask) -> dict[str, Any]:
    session, run, stage, task, outcome, now = ctx.session, ctx.run, ctx.stage, ctx.task, ctx.outcome, ctx.now
    if stage is None or task is None:
        return {}
    if stage.signature is None:
        if command.attempt_id is not None:
            raise rules.NOT_NEEDED()
        return {}
    wanted = rules.Signing(
        person_id=command.by.person_id,
        on_behalf_of_id=command.by.on_behalf_of,
        task_id=task.id,
        meaning=stage.signature.meaning,
        meaning_title=stage.signature.title.say("zh"),
    )
    proven, signed = signing.attempt(session, command.attempt_id, run.row.id)
    attempt = rules.check_attempt(proven, wanted, now)
    if command.meaning not in {None, wanted.meaning}:
        raise rules.MEANING(right=wanted.meaning_title)
    text = shown_record(ctx)
    positive = kinds.positive(stage, outcome)
    sha = signing.digest(text)
    rules.check_digest(command.digest or "", sha, first_digest(run, signed, stage, outcome))
    rules.check_digest(attempt.digest, sha, None)
    words = statement(signed, stage, command, sha)
    rules.check_statement(attempt.statement, signing.digest(words))
    if positive:
        check_others(ctx, signed, sha)
        check_gate(ctx)
    row = signing.sign(
        session,
        task,
        command.by,
        attempt_id=command.attempt_id or 0,
        meaning=stage.signature.meaning,
        outcome=outcome or "done",
        record=text,
        statement=words,
        subject=kinds.signed_as(run.definition, stage),
        zone=zone(session),
    )
    return {
        "signature": str(row.public_id),
        "meaning": row.meaning,
        "digest": sha,
        "statement": row.statement,
        "signed_by": row.printed_name,
    }


ACTS = {"complete_task": complete}
