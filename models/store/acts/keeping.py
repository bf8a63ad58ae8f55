"""What the clock does to a run, and what becomes of one whose workflow was cancelled."""

from datetime import datetime

from sqlmodel import Session, select

from models.messages.process import By, CancelRun, Escalate, Receipt
from models.store import effects_recall, lots, outward, recall_duties, recalls, runs
from models.store.runs import Run
from models.tables.processes import HumanTask

CLOCK = By(person_id=0, name="Batchwright", actor_id="service:clock", source="worker")


def escalate(session: Session, command: Escalate, now: datetime) -> Receipt:
    """Raise the escalation level of an open task; nothing when somebody was faster or it is raised already.

    Before its moment it isn't raised either: whoever reaches Temporal can ask at any time, and the clocks of two servers
    differ.  `early` says then in how many seconds of the record's clock it will be time.
    """
    if command.deadline is not None:
        return _deadline(session, command.run_id, command.deadline, command.level, now)
    task = session.exec(
        select(HumanTask)
        .where(HumanTask.run_id == command.run_id, HumanTask.stage == command.stage, HumanTask.status == "open")
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if task is None or task.escalation_level >= command.level:
        return _not_raised(now)
    run = runs.load(session, command.run_id)
    at = _moment_of(run, command)
    if at is None:
        return _not_raised(now)
    if at > now:
        return _early(session, run, at, now)
    task.escalation_level, task.escalated_to = command.level, command.to_role
    session.add(task)
    data = {"stage": task.stage, "level": command.level, "to": command.to_role}
    if task.recall_id is not None:
        recall = recalls.lock(session, task.recall_id)
        outward.publish(session, recall, "task.escalated")
        return Receipt(act="escalate", at=now, data={"raised": True, **effects_recall.late(session, task, recall, now)})
    if task.lot_id is not None:
        lots.note(session, task.lot_id, "task.escalated", None, data)
    lots.publish(session, task.lot_id, "task.escalated", {**data, "task": str(task.public_id)})
    return Receipt(act="escalate", at=now, data={"raised": True})


def _moment_of(run: Run, command: Escalate) -> datetime | None:
    """When the definition has that level at that step, for that role; None where it hasn't."""
    asked = (command.stage, command.level, command.to_role)
    return next((one.at for one in runs.task_timers(run) if (one.stage, one.level, one.to_role) == asked), None)


def _not_raised(now: datetime) -> Receipt:
    return Receipt(act="escalate", at=now, data={"raised": False})


def _early(session: Session, run: Run, at: datetime, now: datetime) -> Receipt:
    """Not yet: the workflow gets the run, for what it waits for may have moved, and asks again."""
    data = {"raised": False, "early": (at - now).total_seconds()}
    return Receipt(act="escalate", at=now, data=data, run=runs.view(session, run))


def _deadline(session: Session, run_id: int, deadline: int, level: int, now: datetime) -> Receipt:
    """A moment of a legal deadline has come: its report becomes somebody's task, or was missed."""
    recall = recalls.lock(session, runs.recall_of(session, run_id))
    at = recall_duties.moment_of(session, recall, deadline, level)
    if at is not None and at > now:
        return _early(session, runs.load(session, run_id), at, now)
    raised = at is not None and recall_duties.fire(session, recall, deadline, level, CLOCK, now)
    run = runs.load(session, run_id, lock=True)
    data = {"recall_no": recall.recall_no, "deadline": deadline, "level": level, "raised": raised}
    return Receipt(act="escalate", at=now, data=data, run=runs.view(session, run) if raised else None)


def cancel(session: Session, command: CancelRun, now: datetime) -> Receipt:
    """A workflow was cancelled: ask the record, which ends a process by an act of somebody and never because of that.

    Whoever reaches Temporal can cancel any workflow, without a name or a reason.  `goes_on` tells it to go on where the record
    has the process running, and where a closed recall still has legal deadlines.
    """
    run = runs.load(session, command.run_id)
    if run.row.status != "running" and run.row.workflow_id not in recall_duties.waiting(session):
        return Receipt(act="cancel", at=now, data={"goes_on": False})
    if run.row.lot_id is not None:
        lots.note(session, run.row.lot_id, "process.not_cancelled", None, {"process": run.row.workflow_id})
    return Receipt(act="cancel", at=now, data={"goes_on": True}, run=runs.view(session, run))
