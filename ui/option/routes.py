"""What a field that names a person or a thing offers, for what was typed so far (REQ 19, 58)."""

from fastapi import APIRouter
from starlette.responses import Response

from api.frame.doors import Doors
from models.person.rules.roles import Permission
from models.process.store import named_answers
from ui.frame.parts import Option
from ui.frame.visit import Visit, VisitDep
from ui.task.page import OptionsPart

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /options/people
        GET /options/subjects/{kind}
    """,
}


@router.get("/options/people")
def people(visit: VisitDep, of: str = "") -> Response:
    """People who work here; `of` is the name of the field, under which the text stands."""
    return _offered(visit, None, of)


@router.get("/options/subjects/{kind}")
def subjects(visit: VisitDep, kind: str, of: str = "") -> Response:
    """Subjects of a kind by number or name."""
    return _offered(visit, kind, of)


def _offered(visit: Visit, kind: str | None, of: str) -> Response:
    visit.need(Permission.RECORD_READ)
    typed = visit.request.query_params.get(of, "")
    with visit.reading() as session:
        found = named_answers.offered(session, kind, typed)
    return visit.part(OptionsPart(options=tuple(Option(value=one.number, label=one.name) for one in found)))
