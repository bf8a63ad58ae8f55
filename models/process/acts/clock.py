"""What the clock does to a run, and what becomes of one whose workflow was cancelled."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from models.process import kinds
from models.process.context import Ctx
from models.process.messages.process import CancelRun, Escalate, Receipt
from models.process.run import Run
from models.process.store import runs
from models.process.tables.process import HumanTask

CLOCK = runs.NOBODY


def escalate(session: Session, command: Escalate, now: datetime) -> Receipt:
    """Raise the escalation level of an open task; nothing when somebody was faster or it is raised already.

    Before its moment it isn't raised either: whoever reaches Temporal can ask at any time, and the clocks of two servers
    differ.  `early` says then in how many seconds of the record's clock it will be time.
    """
    if command.deadline is not None:
        return _deadline(session, command, now)
    run = runs.load(session, command.run_id)
    stage = run.definition.find(command.stage)
    effects = () if stage is None else kinds.escalated(run.definition, stage)
    if effects:
        # who is reminded must not answer meanwhile; before the task, as completing locks them
        run.about.lock(session, run.subject_key)
    task = session.exec(
        select(HumanTask)
        .where(HumanTask.run_id == command.run_id, HumanTask.stage == command.stage, HumanTask.status == "open")
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if stage is None or task is None or task.escalation_level >= command.level:
        return _not_raised(now)
    session.refresh(run.row)  # it may have moved while we waited for the task
    at = _moment_of(session, run, command)
    if at is None:
        return _not_raised(now)
    if at > now:
        return _early(session, run, at, now)
    task.escalation_level, task.escalated_to = command.level, command.to_role
    session.add(task)
    data = {"stage": task.stage, "level": command.level, "to": command.to_role}
    run.about.told(session, run.subject_key, "task.escalated", None, data)
    if run.about.published is not None:
        run.about.published(session, run.subject, "task.escalated", {**data, "task": str(task.public_id)})
    ctx = Ctx(session, run, CLOCK, now, stage=stage, task=task)
    done: dict[str, Any] = {"raised": True}
    for effect in effects:
        done |= effect.do(ctx)
    return Receipt(act="escalate", at=now, data=done)


def _moment_of(session: Session, run: Run, command: Escalate) -> datetime | None:
    """When the definition has that level at that step, for that role; None where it hasn't."""
    asked = (command.stage, command.level, command.to_role)
    return next(
        (one.at for one in runs.task_timers(session, run) if (one.stage, one.level, one.to_role) == asked), None
    )


def _not_raised(now: datetime) -> Receipt:
    return Receipt(act="escalate", at=now, data={"raised": False})


def _early(session: Session, run: Run, at: datetime, now: datetime) -> Receipt:
    """Not yet: the workflow gets the run, for what it waits for may have moved, and asks again."""
    data = {"raised": False, "early": (at - now).total_seconds()}
    return Receipt(act="escalate", at=now, data=data, run=runs.view(session, run))


def _deadline(session: Session, command: Escalate, now: datetime) -> Receipt:
    """A moment of a deadline that the run's kind keeps beside its steps has come."""
    run = runs.load(session, command.run_id)
    clocks, ctx = run.kind.clocks, Ctx(session, run, CLOCK, now)
    if clocks is None:
        return _not_raised(now)
    at = clocks.moment(ctx, command)
    return _early(session, run, at, now) if at is not None and at > now else clocks.fire(ctx, command)


def cancel(session: Session, command: CancelRun, now: datetime) -> Receipt:
    """A workflow was cancelled: ask the record, which ends a process by an act of somebody and never because of that.

    Whoever reaches Temporal can cancel any workflow, without a name or a reason.  `goes_on` tells it to go on where the record
    has the process running, and where a closed recall still has legal deadlines.
    """
    run = runs.load(session, command.run_id)
    clocks = run.kind.clocks
    outlives = clocks is not None and clocks.outlive(Ctx(session, run, CLOCK, now))
    if run.row.status != "running" and not outlives:
        return Receipt(act="cancel", at=now, data={"goes_on": False})
    run.about.told(session, run.subject_key, "process.not_cancelled", None, {"process": run.row.workflow_id})
    return Receipt(act="cancel", at=now, data={"goes_on": True}, run=runs.view(session, run))
