"""May this person complete this task, and if not, why: the same checks as completing, without writing anything.

The page asks before the click ("can't sign? because…"), the API asks before it proves a password (REQUIREMENTS 38, 89).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models.definition.document import Definition, Stage, StageKind
from models.kernel.refusal import Refusal
from models.kernel.store.english_names import retell
from models.process import engine as process
from models.process import kinds
from models.process.acts import complete as completing
from models.process.context import Ctx
from models.process.messages.process import By, CompleteTask
from models.process.run import Run
from models.process.sign import sign as rules
from models.process.store import named_answers, runs, signing
from models.process.store import task_lock as tasks_lock
from models.process.tables.process import HumanTask
from models.process.tables.signature import Signature, SignedRecord


@dataclass(frozen=True)
class Decision:
    """Everything the page of a task shows: the frozen record with its digest, and whether this person may decide."""

    task: HumanTask
    subject: Any
    workflow_id: str
    definition: Definition
    stage: Stage
    canonical: str
    digest: str
    ctx: Ctx
    signatures: tuple[Signature, ...]
    first_is_void: bool
    why_not: Refusal | None


def check(session: Session, command: CompleteTask, now: datetime) -> None:
    """Refuse what completing would refuse, before a password is asked for."""
    task = tasks_lock.find_open(session, command.task_id)
    tasks_lock.check_mine(session, task, command.by, now)
    run = runs.load(session, task.run_id)
    stage = run.definition.stage(task.stage)
    form = {**command.form, **({"reason": command.reason} if command.reason else {})}
    people, groups = [str(command.by.person_id)], runs.groups(session, run)
    ctx = completing.context(session, run, stage, command, now, task)
    run.about.barred(ctx)
    measured = stage.kind is StageKind.INSPECTION
    if not measured:
        form = named_answers.settled(session, stage, form, command.outcome, run.state.facts)
        step = process.complete(run.definition, run.state, stage.key, command.outcome, form, people, now, groups)
        ctx = ctx.of(form=step.state.forms.get(stage.key, {}))  # effects read what would be kept, not what was typed
    completing.check_identities(run, stage, command, groups)
    if measured:
        kinds.measured(run.definition).ready(ctx)
    for effect in kinds.effects(run.definition, stage, command.outcome):
        effect.check(ctx)
    if stage.signature is None:
        return
    sha = signing.digest(completing.shown_record(ctx))
    signed = signing.of_run(session, run.row.id)
    first = completing.first_digest(run, signed, stage, command.outcome)
    rules.check_digest(command.digest or "", sha, first)
    if kinds.positive(stage, command.outcome):
        completing.check_others(ctx, signed, sha)
        completing.check_gate(ctx)


def decision(session: Session, task_id: UUID, by: By, now: datetime) -> Decision:
    """What the page of a task shows to this person, in a fixed number of statements."""
    task = tasks_lock.find(session, task_id)
    run = runs.load(session, task.run_id)
    stage = run.definition.stage(task.stage)
    ctx = Ctx(session, run, by, now, stage=stage, task=task)
    canonical = _shown(ctx, task, stage)
    signatures = tuple(
        session.exec(select(Signature).where(Signature.run_id == run.row.id).order_by(col(Signature.id))).all()
    )
    sha = signing.digest(canonical) if canonical else ""
    joins = kinds.joined(run.definition, stage)
    first = signing.last_positive(run.definition, signing.of_run(session, run.row.id), joins) if joins else None
    return Decision(
        task=task,
        subject=run.subject,
        workflow_id=run.row.workflow_id,
        definition=run.definition,
        stage=stage,
        canonical=canonical,
        digest=sha,
        ctx=ctx,
        signatures=signatures,
        first_is_void=first is not None and first.digest != sha,
        why_not=_why_not(ctx, task, run, stage, by),
    )


def _shown(ctx: Ctx, task: HumanTask, stage: Stage) -> str:
    """What a signature would be over; of a closed task, what was signed, byte for byte."""
    if stage.signature is None:
        return ""
    if task.status == "open":
        return completing.shown_record(ctx)
    return (
        ctx.session.exec(
            select(SignedRecord.canonical)
            .join(Signature, col(Signature.digest) == col(SignedRecord.digest))
            .where(Signature.task_id == task.id)
        ).first()
        or ""
    )


def _why_not(ctx: Ctx, task: HumanTask, run: Run, stage: Stage, by: By) -> Refusal | None:
    session, groups = ctx.session, runs.groups(ctx.session, run)
    try:
        tasks_lock.check_open(session, task)
        tasks_lock.check_mine(session, task, by, ctx.now)
        run.about.barred(ctx)
        process.check_people(run.definition, run.state, stage, (str(by.person_id),), groups)
        command: Any = CompleteTask(command_id="", task_id=task.public_id, stage=stage.key, by=by)
        completing.check_identities(run, stage, command, groups)
        if stage.kind is StageKind.INSPECTION:
            kinds.measured(run.definition).ready(ctx)
    except Refusal as refusal:
        retell(session, refusal)
        return refusal
    return None
