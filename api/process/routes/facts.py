"""What became true of a subject, and what each fact caused or didn't, because (DESIGN 6, 6a)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.frame.deps import EngineDep, Reader
from api.frame.doors import API
from models.kernel.store.act import reading
from models.process.queries import facts as queries
from models.process.queries.facts import FactList

router = APIRouter(prefix=API, tags=["facts"])


@router.get("/subjects/{subject}/facts", summary="What became true of a subject, and what it caused")
def read_facts(
    engine: EngineDep,
    _: Reader,
    subject: UUID,
    limit: Annotated[int, Query(ge=1, le=500)] = queries.MOST,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> FactList:
    """The newest first.  `causes` has each trigger that names the fact and each wait for it: `caused`, and `because` in both languages."""
    with reading(engine) as session:
        return queries.of_subject(session, subject, limit=limit, after=cursor)
