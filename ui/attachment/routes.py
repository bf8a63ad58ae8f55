"""An attachment, to be saved: the same answer as the API's, and a page where it is refused."""

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api.attachment import given_out
from api.frame.deps import EngineDep
from models.person.rules.roles import Permission
from ui.frame.visit import VisitDep

router = APIRouter()


@router.get("/attachments/{attachment}", name="attachment")
def attachment(visit: VisitDep, engine: EngineDep, attachment: UUID) -> Response:
    """The file."""
    visit.need(Permission.RECORD_READ)
    return given_out(engine, attachment)
