"""What the clock and the operator do to a run: escalate a task that waits too long, cancel a process."""

from datetime import datetime

from sqlmodel import Session, select

from models.messages.process import By, CancelRun, Escalate, Receipt
from models.store import effects_recall, lots, outward, recall_duties, recalls, runs
from models.tables.processes import HumanTask

CLOCK = By(person_id=0, name="Batchwright", actor_id="service:clock", source="worker")


def escalate(session: Session, command: Escalate, now: datetime) -> Receipt:
    """Raise the escalation level of an open task; nothing when somebody was faster or it is raised already."""
    if command.deadline is not None:
        return _deadline(session, command.run_id, command.deadline, command.level, now)
    task = session.exec(
        select(HumanTask)
        .where(HumanTask.run_id == command.run_id, HumanTask.stage == command.stage, HumanTask.status == "open")
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if task is None or task.escalation_level >= command.level or not _a_moment_of(session, command):
        return Receipt(act="escalate", at=now, data={"raised": False})
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


def _a_moment_of(session: Session, command: Escalate) -> bool:
    """Whether the definition has that level at that step, for that role: whoever reaches Temporal can ask for any."""
    asked = (command.stage, command.level, command.to_role)
    run = runs.load(session, command.run_id)
    return asked in {(one.stage, one.level, one.to_role) for one in runs.task_timers(run)}


def _deadline(session: Session, run_id: int, deadline: int, level: int, now: datetime) -> Receipt:
    """A moment of a legal deadline has come: its report becomes somebody's task, or was missed."""
    recall = recalls.lock(session, runs.recall_of(session, run_id))
    raised = recall_duties.fire(session, recall, deadline, level, CLOCK, now)
    run = runs.load(session, run_id, lock=True)
    data = {"recall_no": recall.recall_no, "deadline": deadline, "level": level, "raised": raised}
    return Receipt(act="escalate", at=now, data=data, run=runs.view(session, run) if raised else None)


def cancel(session: Session, command: CancelRun, now: datetime) -> Receipt:
    """Cancel the open tasks of a run and end it; the record keeps all of it.  A batch that needs it gets another."""
    run = runs.load(session, command.run_id, lock=True)
    if run.row.status == "running":
        runs.cancel(session, run, command.reason, now)
        if run.row.lot_id is not None:
            lots.note(session, run.row.lot_id, "process.cancelled", None, {"process": run.row.workflow_id})
        runs.begin_again(session, run, CLOCK, now)
    return Receipt(act="cancel", at=now)
