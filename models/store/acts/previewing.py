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
from models.rules import nonconformance as nonconformance_rules
from models.rules import signature as rules
from models.rules.batch_record import BatchRecord
from models.rules.definition import Definition, Stage
from models.rules.refusals import Refusal
from models.store import batch_record, effects_recall, nonconformances, pulls, recall_duties, runs, signing, tasks_lock
from models.store.acts import completing, disposing, inspecting
from models.store.english import retell
from models.tables.items import Item
from models.tables.lots import Lot
from models.tables.processes import HumanTask
from models.tables.recalls import Recall
from models.tables.signatures import Signature, SignedRecord


@dataclass(frozen=True)
class Decision:
    """Everything the page of a task shows: the frozen record with its digest, and whether this person may decide."""

    task: HumanTask
    subject: Lot | Recall
    thing: Item | None
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

    @property
    def lot(self) -> Lot:
        """The lot of a task on a lot; asked of a recall's task it is a programming error."""
        if not isinstance(self.subject, Lot):
            message = f"{self.workflow_id} is no process on a lot"
            raise TypeError(message)
        return self.subject

    @property
    def item(self) -> Item:
        """The item of that lot."""
        if self.thing is None:
            message = f"{self.workflow_id} is no process on a lot"
            raise TypeError(message)
        return self.thing


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
            run.definition, run.state, stage.key, outcome, form, people, now, runs.groups(session, run.row.lot_id)
        )
    completing.check_identities(session, run, stage, command)
    if stage.kind == "inspection":
        inspecting.check_plan(session, run.definition.key, run.lot)
    if run.definition.key == disposing.KEY:
        disposing.check(session, run, outcome)
    if run.definition.key == nonconformance_rules.PROCESS:
        nonconformances.check(session, run.row, outcome, form, command.by)
    if run.definition.key == pulls.KEY:
        pulls.check(session, task, form)
    elif run.definition.key == recall_duties.KEY:
        recall_duties.check(session, task.run_id, form)
    elif isinstance(run.subject, Recall):
        effects_recall.check(session, run.subject, stage.key, outcome, form)
    if stage.signature is None:
        return
    text = completing.shown_record(session, run, stage)
    chosen = stage.outcome(outcome)
    first = completing.first_digest(session, run, stage, outcome)
    rules.check_digest(command.digest or "", signing.digest(text), first)
    if chosen is None or chosen.style != "positive":
        return
    if run.definition.key in signing.POSITIVE:
        behind = {command.by.person_id, command.by.on_behalf_of or command.by.person_id}
        others = signing.signers(session, run.definition.key, run.row.id, signing.digest(text), stage.key)
        rules.check_other_person(behind, others, command.by.name)
    if run.definition.key == "release":
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
        subject=run.subject,
        thing=session.get_one(Item, run.subject.item_id) if isinstance(run.subject, Lot) else None,
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


def open_points(session: Session, task_id: UUID, now: datetime) -> evidence.OpenPoints:
    """How many exceptions and unchecked cells the evidence behind a release has now: what is not plainly good."""
    run = runs.load(session, tasks_lock.find(session, task_id).run_id)
    if not isinstance(run.subject, Lot):
        raise evidence.NOT_JUDGED()
    return evidence.assess(batch_record.build(session, run.lot), now).open_points


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
        process.check_people(
            run.definition, run.state, stage, (str(by.person_id),), runs.groups(session, run.row.lot_id)
        )
        command: Any = CompleteTask(command_id="", task_id=task.public_id, stage=stage.key, by=by)
        completing.check_identities(session, run, stage, command)
        if stage.kind == "inspection":
            inspecting.check_plan(session, run.definition.key, run.lot)
    except Refusal as refusal:
        retell(session, refusal)
        return refusal
    return None
