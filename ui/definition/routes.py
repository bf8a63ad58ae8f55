"""Process definitions to read: what is effective, what came before, each step in words and as a picture (REQ 83, 84)."""

from fastapi import APIRouter
from starlette.responses import Response

from api.frame.doors import Doors
from models.definition import queries as queries_definitions
from models.definition.store import UNKNOWN
from models.person.rules.roles import Permission
from ui.definition.view import definition_page, definitions_page, href
from ui.frame.visit import VisitDep

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /definitions
        GET /definitions/{key}
        GET /definitions/{key}/versions/{version}
    """,
}


@router.get("/definitions")
def definitions(visit: VisitDep) -> Response:
    """All of them."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        return visit.page(definitions_page(session, visit.words))


@router.get("/definitions/{key}")
def definition(visit: VisitDep, key: str) -> Response:
    """The version that new batches start with."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        versions = [one for one in queries_definitions.everything(session).items if one.key == key]
        chosen = next((one.version for one in versions if one.status == "effective"), None)
        if not versions:
            raise UNKNOWN(key=key[:60])
    return visit.go(href(key, chosen or versions[0].version))


@router.get("/definitions/{key}/versions/{version}")
def version(visit: VisitDep, key: str, version: int) -> Response:
    """One version."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        return visit.page(definition_page(session, visit.words, key, version))
