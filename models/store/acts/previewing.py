"""May this person complete this task, and if not, why: the same checks as completing, without writing anything.

The page asks before the click ("can't sign? because…"), the API asks before it proves a password (REQUIREMENTS 38, 89).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models.messages.process import By, CompleteTask
from models.rules import evidence, process
from models.rules import signature as rules
from models.rules.batch_record import BatchRecord
from models.rules.definition import Definition, Stage
from models.rules.refusals import Refusal
from models.store import batch_record, runs, signing, tasks_lock
from models.store.acts import completing, inspecting
from models.tables.items import Item
from models.tables.lots import Lot
from models.tables.processes import HumanTask
from models.tables.signatures import Signature, SignedRecord


@dataclass(frozen=True)
class Decision:
    """Everything the page of a task shows: the frozen record with its digest, and whether this person may decide."""

    task: HumanTask
    lot: Lot
    item: Item
    workflow_id: str
    definition: Definition
    stage: Stage
    canonical: str
    digest: str
    record: BatchRecord | None
    assessment: evidence.Assessment | None
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
    people = [str(command.by.person_id)]
    outcome = command.outcome
    if stage.kind != "inspection":
        process.complete(
            run.definition, run.state, stage.key, outcome, form, people, now, runs.groups(session, run.lot.id)
        )
    completing.check_identities(session, run, stage, command)
    if stage.kind == "inspection":
        inspecting.check_plan(session, run.definition.key, run.lot)
    if stage.signature is None:
        return
    text = completing.shown_record(session, run, stage)
    chosen = stage.outcome(outcome)
    positive = chosen is not None and chosen.style == "positive" and run.definition.key == "release"
    first = signing.last_positive(session, run.row.id) if positive and stage.key != "review" else None
    rules.check_digest(command.digest or "", signing.digest(text), first.digest if first else None)
    if positive:
        behind = {command.by.person_id, command.by.on_behalf_of or command.by.person_id}
        rules.check_other_person(
            behind, signing.signers(session, run.row.id, signing.digest(text), stage.key), command.by.name
        )
        record = batch_record.build(session, run.lot)
        evidence.check_release(evidence.assess(record, now), command.reason)


def decision(session: Session, task_id: UUID, by: By, now: datetime) -> Decision:
    """What the page of a task shows to this person, in a fixed number of statements."""
    task = tasks_lock.find(session, task_id)
    run = runs.load(session, task.run_id)
    stage = run.definition.stage(task.stage)
    record = batch_record.build(session, run.lot) if run.definition.key == "release" else None
    canonical = _shown(session, task, run, stage, record)
    signatures = tuple(
        session.exec(select(Signature).where(Signature.run_id == run.row.id).order_by(col(Signature.id))).all()
    )
    first = next((one for one in reversed(signatures) if one.outcome == "release"), None)
    sha = signing.digest(canonical) if canonical else ""
    return Decision(
        task=task,
        lot=run.lot,
        item=session.get_one(Item, run.lot.item_id),
        workflow_id=run.row.workflow_id,
        definition=run.definition,
        stage=stage,
        canonical=canonical,
        digest=sha,
        record=record,
        assessment=evidence.assess(record, now) if record else None,
        signatures=signatures,
        first_is_void=first is not None and stage.key == "approve" and first.digest != sha,
        why_not=_why_not(session, task, run, stage, by, now),
    )


def open_points(session: Session, task_id: UUID, now: datetime) -> int:
    """How many exceptions and unchecked cells the evidence behind a release has now: what is not plainly good."""
    run = runs.load(session, tasks_lock.find(session, task_id).run_id)
    judged = evidence.assess(batch_record.build(session, run.lot), now)
    return len(judged.exceptions) + sum(cell.mark is evidence.Mark.NOT_CHECKED for cell in judged.cells)


def _shown(session: Session, task: HumanTask, run: runs.Run, stage: Stage, record: BatchRecord | None) -> str:
    """What a signature would be over; of a closed task, what was signed, byte for byte."""
    if stage.signature is None:
        return ""
    if task.status == "open":
        return completing.shown_record(session, run, stage, record)
    return (
        session.exec(
            select(SignedRecord.canonical)
            .join(Signature, col(Signature.digest) == col(SignedRecord.digest))
            .where(Signature.task_id == task.id)
        ).first()
        or ""
    )


def _why_not(session: Session, task: HumanTask, run: runs.Run, stage: Stage, by: By, now: datetime) -> Refusal | None:
    try:
        tasks_lock.check_open(session, task)
        tasks_lock.check_mine(session, task, by, now)
        process.check_people(run.definition, run.state, stage, (str(by.person_id),), runs.groups(session, run.lot.id))
        command: Any = CompleteTask(command_id="", task_id=task.public_id, stage=stage.key, by=by)
        completing.check_identities(session, run, stage, command)
        if stage.kind == "inspection":
            inspecting.check_plan(session, run.definition.key, run.lot)
    except Refusal as refusal:
        return refusal
    return None
