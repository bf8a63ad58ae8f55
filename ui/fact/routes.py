"""The page of what became true of a subject."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.frame.doors import Doors
from api.frame.request.paths import LotNumber
from models.lot.queries import list as lots
from models.person.rules.roles import Permission
from models.process.queries import facts as queries
from ui.fact import view
from ui.frame.visit import VisitDep

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /lots/{lot_no:path}/facts
        GET /subjects/{key}/facts
    """,
}


@router.get("/subjects/{key}/facts", name="facts")
def facts(visit: VisitDep, key: UUID, cursor: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """What became true, and what came of it."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        found = queries.of_subject(session, key, after=cursor or None)
    return visit.page(view.page(visit.words, key, found, cursor))


@router.get("/lots/{lot_no:path}/facts", name="lot_facts")
def of_lot(visit: VisitDep, lot_no: LotNumber) -> Response:
    """The same of a batch, by its printed number."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        key = lots.subject(session, lot_no)
        found = queries.of_subject(session, key)
    return visit.page(view.page(visit.words, key, found, ""))
