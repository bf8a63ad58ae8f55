"""A person completes a task: rule, signature, effect, next tasks and facts together, or nothing (DESIGN 2.2, 7.4)."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.messages.process import CompleteTask, Receipt
from models.rules import evidence, process
from models.rules import inspection as inspection_rules
from models.rules import nonconformance as nonconformance_rules
from models.rules import signature as rules
from models.rules.batch_record import BatchRecord
from models.rules.definition import Stage
from models.store import (
    act,
    batch_record,
    effects,
    effects_recall,
    inspection_record,
    lots,
    nonconformances,
    recalls,
    runs,
    signing,
    tasks_lock,
)
from models.store.acts import disposing, inspecting
from models.store.runs import Run
from models.tables.processes import HumanTask
from models.tables.recalls import Recall

FIRST = {"release": "review", "recall": "review_scope"}
"""The step whose signature others join, by process."""


def complete(session: Session, command: CompleteTask, now: datetime) -> Receipt:
    """Complete the task.  The task's row lock decides between two people; the loser reads who was faster."""
    task = tasks_lock.open_task(session, command.task_id)
    tasks_lock.check_mine(session, task, command.by, now)
    # the lot before the run, as every act locks them: a shipment and a signature never wait for each other in a circle
    lot = lots.lock_by_key(session, task.lot_id) if task.lot_id is not None else None
    recall = recalls.lock(session, task.recall_id) if task.recall_id is not None else None
    run = runs.load(session, task.run_id, lock=True)
    stage = run.definition.stage(task.stage)
    form = {**command.form, **({"reason": command.reason} if command.reason else {})}
    outcome = _outcome(session, run, stage, command, now)
    step = process.complete(
        run.definition,
        run.state,
        stage.key,
        outcome,
        form,
        [str(command.by.person_id)],
        now,
        runs.groups(session, task.lot_id),
    )
    check_identities(session, run, stage, command)
    signature = _sign(session, run, task, stage, command, outcome, now)
    answers = step.state.forms.get(stage.key, {})
    data: dict[str, Any] = {"stage": stage.key, "outcome": outcome, **signature}
    if lot is not None:
        data |= {"lot_no": lot.lot_no}
        data |= effects.completed(session, task, lot, answers, command.by, now, outcome=outcome)
        if run.definition.key == disposing.KEY:
            data |= disposing.completed(session, run, outcome, command.reason, command.by, now)
        if run.definition.key == nonconformance_rules.PROCESS and outcome is not None:
            data |= nonconformances.decided(session, run.row, lot, outcome, answers, command.reason, command.by, now)
        if stage.kind == "inspection" and outcome is not None:
            effects.inspected(session, run.definition.key, lot, outcome, command.by, now)
    if recall is not None:
        data |= effects_recall.completed(
            session, task, recall, answers, command.by, now, outcome=outcome, seen=command.seen
        )
    task.status, task.done_at, task.done_by_id = "done", now, command.by.person_id
    task.on_behalf_of_id, task.outcome, task.reason = command.by.on_behalf_of, outcome or "done", command.reason
    task.form = {key: value for key, value in answers.items() if key != "reason"}
    task.receipt = {"command": command.command_id, **{key: value for key, value in data.items() if value is not None}}
    session.add(task)
    session.flush()
    if lot is not None:
        fact = f"{run.definition.key}.{stage.key}"
        lots.note(session, lot.id, fact, command.by.person_id, {"outcome": outcome or "done"})
    runs.advance(session, run, step, command.by, now)
    session.flush()
    return Receipt(act="complete", at=now, data=data, run=runs.view(session, run))


@act.as_written
def shown_record(session: Session, run: Run, stage: Stage, record: BatchRecord | None = None) -> str:
    """The canonical record that a signature of this stage is over; the page shows the same."""
    if run.definition.key == "release":
        record = record or batch_record.build(session, run.lot)
        return signing.canonical(evidence.judged(record, evidence.assess(record, act.now(session))))
    if run.definition.key in effects.STAGE_OF:
        return signing.canonical(inspection_record.inspection_record(session, run.lot, run.definition.key))
    if run.definition.key == disposing.KEY:
        return disposing.record(session, run)
    if run.definition.key == nonconformance_rules.PROCESS:
        return nonconformances.record(session, run.row, run.lot)
    if isinstance(run.subject, Recall):
        return effects_recall.shown_record(session, run.subject, stage.key)
    return _generic(session, run, stage)


def _generic(session: Session, run: Run, stage: Stage) -> str:
    """The record of a process that has none of its own: its batch as it stands, and all that was said in the run."""
    return signing.canonical(
        {
            "record": "task",
            "run": run.row.workflow_id,
            "definition": f"{run.definition.key} v{run.definition.version}",
            "stage": stage.key,
            "lot_no": run.lot.lot_no,
            "said": run.state.model_dump(mode="json", include={"forms", "outcomes", "facts"}),
            "batch": batch_record.build(session, run.lot).model_dump(mode="json"),
        }
    )


def statement(session: Session, run: Run, stage: Stage, command: CompleteTask, record: str) -> str:
    """What the person says by signing this stage, over the record of that digest."""
    return signing.said(
        session,
        command.by,
        run.row.id,
        record=record,
        meaning=stage.signature.meaning if stage.signature else "",
        outcome=command.outcome,
        form=command.form,
        reason=command.reason,
    )


def _outcome(session: Session, run: Run, stage: Stage, command: CompleteTask, now: datetime) -> str | None:
    """The outcome as said; an inspection's must be the one that the limits give."""
    if stage.kind != "inspection":
        return command.outcome
    row = effects.open_inspection(session, run.definition.key, run.lot, now)
    inspecting.check_inspector(session, row, command.by)
    right = inspecting.verdict(session, row, run.lot)
    gone = run.lot.lot_no if row.stage == "incoming" and lots.expired(session, run.lot) else None
    inspection_rules.check_verdict(right, command.outcome or right, gone)
    return right


def check_identities(session: Session, run: Run, stage: Stage, command: CompleteTask) -> None:
    """Nobody stands behind two sides of an act: not by a second account, not through a delegation.

    The engine compares persons; here the absent principal counts too, against everybody the stage excludes.
    """
    if command.by.on_behalf_of is None:
        return
    excluded: set[str] = set()
    known = runs.groups(session, run.row.lot_id)
    for other in stage.not_same_as:
        excluded |= set(known.get(other, ())) | set(run.state.who(other, stage.rounds))
    if str(command.by.on_behalf_of) in excluded:
        raise rules.TWICE(name=command.by.on_behalf_of_name or command.by.name)


def first_digest(session: Session, run: Run, stage: Stage, outcome: str | None) -> str | None:
    """The digest that somebody has signed already, where this outcome joins them behind the same record."""
    joins = stage.not_same_as and stage.key != FIRST.get(run.definition.key)
    if outcome not in signing.POSITIVE.get(run.definition.key, ()) or not joins:
        return None
    first = signing.last_positive(session, run.definition.key, run.row.id)
    return first.digest if first is not None else None


def _sign(
    session: Session,
    run: Run,
    task: HumanTask,
    stage: Stage,
    command: CompleteTask,
    outcome: str | None,
    now: datetime,
) -> dict[str, Any]:
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
    attempt = rules.check_attempt(signing.attempt(session, command.attempt_id), wanted, now)
    if command.meaning not in {None, wanted.meaning}:
        raise rules.MEANING(right=wanted.meaning_title)
    record = batch_record.build(session, run.lot) if run.definition.key == "release" else None
    text = shown_record(session, run, stage, record)
    chosen = stage.outcome(outcome)
    positive = chosen is not None and chosen.style == "positive"
    earlier = first_digest(session, run, stage, outcome)
    rules.check_digest(command.digest or "", signing.digest(text), earlier)
    rules.check_digest(attempt.digest, signing.digest(text), None)
    people = {command.by.person_id, command.by.on_behalf_of or command.by.person_id}
    said = statement(session, run, stage, command, signing.digest(text))
    rules.check_statement(attempt.statement, signing.digest(said))
    sha = signing.keep(session, text)
    if positive and run.definition.key in signing.POSITIVE:
        others = signing.signers(session, run.definition.key, run.row.id, sha, stage.key)
        rules.check_other_person(people, others, command.by.name)
    if positive and record is not None:
        evidence.check_release(evidence.assess(record, now), command.reason)
    row = signing.sign(
        session,
        task,
        command.by,
        attempt_id=command.attempt_id or 0,
        meaning=stage.signature.meaning,
        outcome=outcome or "done",
        digest=sha,
        statement=signing.keep(session, said),
        zone=lots.site_zone(session),
    )
    return {
        "signature": str(row.public_id),
        "meaning": row.meaning,
        "digest": sha,
        "statement": row.statement,
        "signed_by": row.printed_name,
    }


ACTS = {"complete_task": complete}
