"""What a step changes of runs and tasks goes out as one statement, and the session has it as the record does."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, now
from models.kernel.tables import Outbox
from models.process.store import written
from models.process.tables.process import HumanTask, ProcessRun
from tests.support.plant.plant import Plant

WRITER = Actor("service:reconcile", "Batchwright", "worker")


def sent(session: Session) -> list[str]:
    """What goes out from here on."""
    found: list[str] = []

    def note(*given: Any) -> None:
        found.append(given[2])

    event.listen(session.connection(), "before_cursor_execute", note)
    return found


def one(session: Session, lot_no: str) -> tuple[ProcessRun, HumanTask]:
    """A run about the batch that has an open task, and the task."""
    query = select(ProcessRun, HumanTask).join(HumanTask).where(HumanTask.status == "open")
    return next(row for row in session.exec(query) if lot_no in row[0].workflow_id)


async def test_a_changed_run_and_a_new_task_are_one_statement(desk: Plant) -> None:
    await desk.receive("R-WRITTEN-1")
    with act(desk.engine, WRITER) as session:
        run, task = one(session, "R-WRITTEN-1")
        task.status, task.reason, task.done_at = "cancelled", "again", now(session)
        run.version += 1
        about = ("run_id", "lot_id", "process", "stage", "kind", "role", "rank", "opened_at")
        new = HumanTask(**{**{name: getattr(task, name) for name in about}, "opened_at": now(session)})
        session.add(new)
        statements = sent(session)
        written.write(session)
        assert len(statements) == 1
        assert not session.dirty
        assert not session.new
        assert (new.subject_id, new.status) == (run.subject_id, "open")
        assert new.public_id is not None
        assert len(statements) == 1, "nothing is read again"
        key, version = new.id, run.version
    with act(desk.engine, WRITER) as session:
        assert session.get_one(HumanTask, key).status == "open"
        assert session.get_one(ProcessRun, run.id).version == version
        assert session.get_one(HumanTask, task.id).status == "cancelled"


def end_and_open(desk: Plant, lot_no: str) -> None:
    """A process ends and opens a task in the same breath."""
    with act(desk.engine, WRITER) as session:
        run, task = one(session, lot_no)
        run.status, run.result, run.ended_at, run.version = "completed", "accepted", now(session), run.version + 1
        about = ("run_id", "lot_id", "process", "stage", "kind", "role", "rank")
        session.add(HumanTask(**{name: getattr(task, name) for name in about}, opened_at=now(session)))
        written.write(session)


async def test_the_walls_see_what_was_written_before(desk: Plant) -> None:
    """A task is opened for a running process only: its end is written first, and in the same statement."""
    await desk.receive("R-WRITTEN-2")
    with pytest.raises(Refusal, match="is no step of its process"):
        end_and_open(desk, "R-WRITTEN-2")


async def test_what_else_waits_goes_the_ordinary_way(desk: Plant) -> None:
    await desk.receive("R-WRITTEN-3")
    with act(desk.engine, WRITER) as session:
        run, task = one(session, "R-WRITTEN-3")
        run.version += 1
        task.rank += 1
        session.add(Outbox(fact="test.written", payload={}))
        statements = sent(session)
        written.write(session)
        assert len(statements) == 3
