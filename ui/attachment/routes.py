"""A file that is sent from a form, and an attachment to be saved: the same doors as the API's, answered as parts of a page."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.attachment import given_out, taken
from api.frame.deps import EngineDep, actor
from api.frame.doors import Doors
from models.person.rules.roles import Permission
from ui.attachment.page import LinePart
from ui.attachment.view import line
from ui.frame.visit import REFUSING, VisitDep

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /attachments/{attachment}
    """,
    Permission.ATTACHMENT_ADD: """
        POST /attachments
    """,
}
LONGEST = 200
"""Characters of a field's or a file's name that are said again."""


@router.post("/attachments", name="attach")
async def attach(visit: VisitDep, request: Request, engine: EngineDep, of: str = "", name: str = "") -> Response:
    """Keep the body as a file; what comes back is its line in the form, or the sentence that refuses it."""
    try:
        visit.need(Permission.ATTACHMENT_ADD)
        by = actor(request, visit.principal)
        kept = await taken(request, engine, by, visit.principal.person_id, name=name)
    except REFUSING as error:
        refusal = visit.refusal(error)
        said = refusal.sentence(visit.language)
        return visit.part(LinePart(of=of[:LONGEST], name=name[:LONGEST], refused=said), refusal.status)
    return visit.part(LinePart(of=of[:LONGEST], file=line(kept)), 201)


@router.get("/attachments/{attachment}", name="attachment")
def attachment(visit: VisitDep, engine: EngineDep, attachment: UUID) -> Response:
    """The file."""
    visit.need(Permission.RECORD_READ)
    return given_out(engine, attachment)
