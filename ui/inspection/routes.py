"""All inspections on a page."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from api.frame.doors import Doors
from api.frame.request.paths import LotFilter
from api.inspection.routes import wanted_of
from api.listing.files import handed_out
from api.register.paths import ItemFilter
from models.inspection.queries import list as listed
from models.listing.rules import Asked
from models.person.rules.roles import Permission
from ui.frame.visit import VisitDep
from ui.inspection import listed as rows
from ui.listing import plain

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /inspections
        GET /inspections.csv
    """,
}


@router.get("/inspections")
def inspections(
    visit: VisitDep,
    cursor: Annotated[str, Query(max_length=2000)] = "",
    lot: LotFilter = None,
    item: ItemFilter = None,
) -> Response:
    """All of them, sorted and narrowed as the address says."""
    visit.need(Permission.RECORD_READ)

    def find(session: Session, asked: Asked) -> plain.Found:
        found = listed.page(session, asked, visit.principal.zone, after=cursor or None)
        return found.items, found.next

    made = plain.page(visit, listed.LIST, find, partial(rows.row, visit.words), cursor, {"lot": lot, "item": item})
    return visit.go(made) if isinstance(made, str) else visit.page(made, made.refusal.status if made.refusal else 200)


@router.get("/inspections.csv")
def inspections_file(visit: VisitDep, lot: LotFilter = None, item: ItemFilter = None) -> Response:
    """The whole list as a file, in the order and with the filters of the page."""
    visit.need(Permission.RECORD_READ)
    asked = plain.wanted(visit, {"lot": lot, "item": item})
    wanted = wanted_of(asked, visit.principal.zone, visit.language)
    return handed_out(visit.request, visit.engine, visit.principal, wanted)
