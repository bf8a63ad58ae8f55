"""The page of one run of any process."""

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api.frame.doors import Doors
from models.person.rules.roles import Permission
from models.process.queries import run as queries
from ui.frame.visit import VisitDep
from ui.run import view

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /runs/{key}
    """,
}


@router.get("/runs/{key}", name="run")
def run(visit: VisitDep, key: UUID) -> Response:
    """Where it stands, who did what, whose turn it is."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        found = queries.detail(session, visit.principal, key)
        page = view.page(visit.words, session, found, visit.now)
    return visit.page(page)
