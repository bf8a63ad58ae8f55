"""Whatever a process can be about: one subject of any kind with everything that hangs on it (DESIGN 6a; REQ 87)."""

from uuid import UUID

from fastapi import APIRouter

from api.frame.deps import EngineDep, Reader
from models.kernel.store.act import reading
from models.process.queries import subject as queries
from models.process.queries.subject import SubjectDetail

router = APIRouter(tags=["subjects"])


@router.get("/subjects/{subject}", summary="One subject of any kind")
def read_subject(engine: EngineDep, principal: Reader, subject: UUID) -> SubjectDetail:
    """Whose it is, open tasks, runs, links, files and signatures; at most 500 of each, and `runs_total` says of how many."""
    with reading(engine) as session:
        return queries.detail(session, principal, subject)
