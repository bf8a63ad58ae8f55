"""The calendar of recall drills (REQUIREMENTS 81)."""

from fastapi import APIRouter
from starlette.responses import Response

from api.frame.doors import Doors
from models.drill import queries as queries_drills
from models.drill.rules.calendar import calendar
from models.person.rules.roles import Permission
from ui.drill import view as views_drills
from ui.frame.visit import VisitDep

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /recalls/drills
    """,
}


@router.get("/recalls/drills")
def drills(visit: VisitDep) -> Response:
    """Planned, held and missed drills, from the record alone."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        found = queries_drills.drills(session)
        since = queries_drills.since(session)
    slots = calendar([one.held for one in found], since, visit.now, visit.request.app.state.settings.zone)
    return visit.page(views_drills.page(visit.words, slots, found, can_open=visit.may(Permission.RECALL_RUN)))
