"""What pages read about the evidence behind a release."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from models.process import kinds
from models.process.context import Ctx
from models.process.store import runs
from models.process.store import task_lock as tasks_lock
from models.release.kind import RECORD, assessed
from models.release.rules import evidence


def assessment(ctx: Ctx) -> evidence.Assessment | None:
    """What the rules find in the batch record of this step; None where it isn't signed over one."""
    if ctx.stage is None or kinds.record_name(ctx.run.definition, ctx.stage) != RECORD.name:
        return None
    return assessed(ctx)


def open_points(session: Session, task_id: UUID, now: datetime) -> evidence.OpenPoints:
    """How many exceptions and unchecked cells the evidence behind a release has now: what is not plainly good."""
    task = tasks_lock.find(session, task_id)
    run = runs.load(session, task.run_id)
    found = assessment(Ctx(session, run, runs.NOBODY, now, stage=run.definition.stage(task.stage), task=task))
    if found is None:
        raise evidence.NOT_JUDGED()
    return found.open_points
