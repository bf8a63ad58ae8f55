"""What the record says of a process whose workflow doesn't answer: still running, or done by whom (DESIGN 2.1, 2.5)."""

from uuid import UUID

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.process.messages.process import Receipt, RunView
from models.process.store import applied
from models.process.store import lost_workflow as standing
from models.process.store import task_lock as tasks_lock
from workflows.temporal.start import GONE, Record


def record_of(engine: Engine) -> Record:
    """The record, as `workflows.temporal.start` asks it."""

    def around(workflow_id: str) -> RunView | None:
        with reading(engine) as session:
            return standing.outermost(session, workflow_id)

    def answered(act: str, command_id: str) -> Receipt | None:
        with reading(engine) as session:
            known = applied.earlier(session, applied.of_command(act, command_id))
        # as the workflow would have answered: where the run stands is its own business
        return known and known.model_copy(update={"run": None})

    async def running(workflow_id: str) -> RunView | None:
        return await run_in_threadpool(around, workflow_id)

    async def receipt(act: str, command_id: str) -> Receipt | None:
        return await run_in_threadpool(answered, act, command_id)

    return Record(running, receipt)


def told(engine: Engine, task_id: UUID, refusal: Refusal) -> Refusal | None:
    """What to say better than that the process has ended: who completed the task meanwhile, when and how."""
    if refusal.code != GONE.code:
        return None
    try:
        with reading(engine) as session:
            tasks_lock.find_open(session, task_id)
    except Refusal as better:
        return better
    return None
