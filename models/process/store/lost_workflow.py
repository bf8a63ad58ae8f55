"""Where a process stands when its workflow is gone: what the engine has lost is begun again from here (DESIGN 2.1)."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session, select

from models.process import kinds
from models.process.messages.process import RunView
from models.process.store import runs
from models.process.tables.process import ProcessRun

ROOTS = text("""
select r.workflow_id from process_run r left join process_run p on p.id = r.parent_id
 where r.status = 'running' and (p.id is null or p.status <> 'running') and r.started_at < now() - :young order by r.id
""")
AT_WORK = text("select workflow_id from process_run where status = 'running' and workflow_id = any(:ids) order by id")
YOUNG = timedelta(minutes=1)
"""A run that has just begun may be about to be followed."""


def roots(session: Session) -> list[str]:
    """The workflow ids of all processes that run in the record and belong to no other running one.

    A process that has ended is followed on while its legal deadlines run.
    """
    return [*session.connection().execute(ROOTS, {"young": YOUNG}).scalars(), *_waiting(session)]


def _waiting(session: Session) -> list[str]:
    return [one for kind in kinds.every() if kind.clocks is not None for one in kind.clocks.waiting(session)]


def at_work(session: Session, workflow_ids: list[str]) -> list[str]:
    """Those of them that follow a process which runs in the record, or one that has ended and whose legal deadlines run."""
    running = session.connection().execute(AT_WORK, {"ids": workflow_ids}).scalars()
    waiting = set(_waiting(session))
    return [*running, *(one for one in workflow_ids if one in waiting)]


def lot_of(session: Session, run_id: int) -> int | None:
    """The batch that a run is about; None for a recall."""
    return session.exec(select(ProcessRun.lot_id).where(ProcessRun.id == run_id)).first()


def outermost(session: Session, workflow_id: str) -> RunView | None:
    """The running process that a running one belongs to, whole: with its definition and its subprocesses.

    A subprocess is its parent's to start: begun through the outermost one, it ends into its parent as ever.  None where
    the record has no such process running.
    """
    row = session.exec(select(ProcessRun).where(ProcessRun.workflow_id == workflow_id)).first()
    if row is None or (row.status != "running" and workflow_id not in _waiting(session)):
        return None
    while row.parent_id is not None:
        parent = session.get_one(ProcessRun, row.parent_id)
        if parent.status != "running":
            break
        row = parent
    return runs.view(session, runs.load(session, row.id), text=True)
