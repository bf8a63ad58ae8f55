"""Inspections over HTTP: all of them as a list (ISO 13485 8.2.6)."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse

from api.frame.deps import EngineDep, Reader
from api.frame.doors import API, Doors
from api.frame.language import language
from api.frame.paging import Cursor, Limit
from api.frame.request.paths import LotFilter
from api.listing.files import CSV, Format, handed_out, wants_csv
from api.register.paths import ItemFilter
from models.inspection.queries import list as listed
from models.inspection.queries.list import InspectionList
from models.kernel.store.act import reading
from models.listing.acts.export import Wanted
from models.listing.rules import Asked
from models.person.rules.roles import Permission

router = APIRouter(prefix=API, tags=["inspections"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/inspections
    """,
}


@router.get("/inspections", summary="Inspections, newest first", response_model=InspectionList, responses=CSV)
def list_inspections(
    request: Request,
    engine: EngineDep,
    principal: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    lot: LotFilter = None,
    item: ItemFilter = None,
    stage: Literal["incoming", "final"] | None = None,
    state: Literal["open", "accepted", "failed"] | None = None,
    first: Annotated[bool | None, Query(description="Only those that inspect a batch for the first time")] = None,
    decided_from: date | None = None,
    decided_until: date | None = None,
    sort: Annotated[
        Literal["number", "-number", "opened", "-opened"], Query(description="With a minus downwards")
    ] = "-opened",
    fmt: Format = "json",
) -> InspectionList | StreamingResponse:
    """`revision` counts the inspections of a batch at a point of its life; the first of them make the first-pass yield."""
    given = {
        "lot": lot,
        "item": item,
        "stage": stage,
        "state": state,
        "first": None if first is None else str(first).lower(),
        "decided_from": decided_from,
        "decided_until": decided_until,
    }
    asked = Asked({key: str(value) for key, value in given.items() if value}, sort.lstrip("-"), sort.startswith("-"))
    if wants_csv(request, fmt):
        return handed_out(request, engine, principal, wanted_of(asked, principal.zone, language(request)))
    with reading(engine) as session:
        return listed.page(session, asked, principal.zone, limit=limit, after=cursor)


def wanted_of(asked: Asked, zone: str, said_in: str) -> Wanted:
    """Those inspections as a file."""
    return Wanted(listed=listed.LIST, asked=asked, zone=zone, language=said_in, given={})
