"""Where a process stands when its workflow is gone: what the engine has lost is begun again from here (DESIGN 2.1)."""

from sqlmodel import Session, select

from models.messages.process import RunView
from models.store import runs
from models.tables.processes import ProcessRun


def outermost(session: Session, workflow_id: str) -> RunView | None:
    """The running process that a running one belongs to, whole: with its definition and its subprocesses.

    A subprocess is its parent's to start: begun through the outermost one, it ends into its parent as ever.  None where
    the record has no such process running.
    """
    row = session.exec(
        select(ProcessRun).where(ProcessRun.workflow_id == workflow_id, ProcessRun.status == "running")
    ).first()
    if row is None:
        return None
    while row.parent_id is not None:
        parent = session.get_one(ProcessRun, row.parent_id)
        if parent.status != "running":
            break
        row = parent
    return runs.view(session, runs.load(session, row.id), text=True)
