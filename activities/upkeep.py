"""What the clock and the operator ask for: look at a run again, escalate a task, cancel a run."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, select
from temporalio import activity

from activities.transaction import once, refused
from models.messages.process import By, CancelRun, Escalate, LoadRun, Receipt, RunView
from models.rules.refusals import Refusal
from models.store import lots, runs
from models.store.act import reading
from models.tables.processes import HumanTask

CLOCK = By(person_id=0, name="Batchwright", actor_id="service:clock", source="worker")


class Upkeep:
    """Bound to the database of the worker."""

    def __init__(self, engine: Engine, build: str) -> None:
        """Keep what every activity needs."""
        self._engine = engine
        self._build = build

    @activity.defn
    def load_run(self, command: LoadRun) -> RunView:
        """The run as the record has it, with the text of its definition (verified against its digest)."""
        try:
            with reading(self._engine) as session:
                run = runs.load(session, command.run_id)
                return runs.view(session, run, text=True)
        except Refusal as refusal:
            raise refused(refusal) from refusal

    @activity.defn
    def escalate(self, command: Escalate) -> Receipt:
        """Raise the escalation level of an open task; nothing when somebody was faster."""

        def do(session: Session, now: datetime) -> Receipt:
            task = session.exec(
                select(HumanTask)
                .where(HumanTask.run_id == command.run_id, HumanTask.stage == command.stage, HumanTask.status == "open")
                .with_for_update()
            ).first()
            raised = task is not None and task.escalation_level < command.level
            if task is not None and raised:
                task.escalation_level, task.escalated_to = command.level, command.to_role
                session.add(task)
                data = {"stage": task.stage, "level": command.level, "to": command.to_role}
                lots.note(session, task.lot_id, "task.escalated", None, data)
                lots.publish(session, task.lot_id, "task.escalated", {**data, "task": str(task.public_id)})
            return Receipt(act="escalate", at=now, data={"raised": raised})

        return once(self._engine, self._build, CLOCK, do)

    @activity.defn
    def cancel_run(self, command: CancelRun) -> Receipt:
        """Cancel the open tasks of a run and end it; the record keeps all of it."""

        def do(session: Session, now: datetime) -> Receipt:
            run = runs.load(session, command.run_id, lock=True)
            if run.row.status == "running":
                runs.cancel(session, run, command.reason, now)
                lots.note(session, run.lot.id, "process.cancelled", None, {"process": run.row.workflow_id})
            return Receipt(act="cancel", at=now)

        return once(self._engine, self._build, CLOCK, do, reason=command.reason)
