"""Co-exposure on a page: everything that touched a lot, machine, person, room or load in a window (REQUIREMENTS 20)."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.frame.doors import Doors
from models.exposure.rules.exposure import Subject
from models.exposure.store import exposure
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from ui.exposure import view as views_exposure
from ui.exposure.page import ExposurePage
from ui.frame.parts import Link
from ui.frame.visit import VisitDep
from ui.frame.words import frozen_names

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /exposure
    """,
}
End = Annotated[str, Query(max_length=60)]


@router.get("/exposure")
def page(
    visit: VisitDep,
    of: Annotated[str, Query(max_length=400)] = "",
    since: Annotated[str, Query(alias="from", max_length=60)] = "",
    until: Annotated[str, Query(alias="to", max_length=60)] = "",
    from_time: End = "",
    to_time: End = "",
) -> Response:
    """The form; with a thing the answer.  A day may come with a time of its own, as forms send it."""
    visit.need(Permission.RECORD_READ)
    since = f"{since}T{from_time}" if since and from_time else since
    until = f"{until}T{to_time}" if until and to_time else until
    given = views_exposure.asked(of.strip(), since, until)
    if not given.of:
        return visit.page(ExposurePage(asked=given))
    with visit.reading() as session:
        try:
            answer = exposure.exposure(session, given.of, since, until)
        except Refusal as refusal:
            choices = exposure.meanings(session, given.of) if refusal.status == 409 else ()
            links = tuple(_choice(visit.words.language, one, since, until) for one in choices)
            return visit.page(ExposurePage(asked=given, refusal=refusal, choices=links), refusal.status)
        may = visit.may(Permission.RECALL_RUN)
        made = views_exposure.page(visit.words, answer, given, visit.now, visit.principal.zone, recalls=may)
        # one digest whoever reads it: the answer names everything as the plant does
        made = frozen_names.read(session, made, "lots", "others")
    return visit.page(made)


def _choice(language: str, one: Subject, since: str, until: str) -> Link:
    return Link(label=one.zh if language == "zh" else one.en, href=views_exposure.href(one.reference, since, until))
