"""Views of lists that people keep, over HTTP (REQUIREMENTS 87)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request

from api.frame.deps import EngineDep, Reader, actor
from api.frame.doors import API, Doors
from api.listing.schemas import KeptView, NewView
from models.kernel.store.act import act, reading
from models.listing.acts import views
from models.listing.acts.views import View
from models.person.rules.roles import Permission

router = APIRouter(prefix=API, tags=["lists"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/views
        POST /api/v1/views
        DELETE /api/v1/views/{view}
        GET /api/v1/views/{view}
        POST /api/v1/views/{view}
    """,
}
Version = Annotated[int, Query(ge=1, description="The version that you saw")]


class ViewList(BaseModel):
    """Views of a list: one's own by name, then those that are shared."""

    items: tuple[View, ...]


@router.get("/views", summary="Views of a list that I keep or that are shared with me")
def list_views(
    engine: EngineDep, principal: Reader, key: Annotated[str, Query(alias="list", max_length=60)]
) -> ViewList:
    """`left_out` names what a view asks for and its list no longer knows; the rest of it still works."""
    with reading(engine) as session:
        return ViewList(items=views.of_list(session, principal, key))


@router.post("/views", status_code=201, summary="Keep a view of a list")
def keep_view(request: Request, engine: EngineDep, principal: Reader, body: NewView) -> View:
    """Under a name of your own, each once in a list; with `preset` your page of the list begins with it."""
    with act(engine, actor(request, principal)) as session:
        return views.keep(session, principal, body.list, body.wanted())


@router.get("/views/{view}", summary="One view")
def read_view(engine: EngineDep, principal: Reader, view: UUID) -> View:
    """Yours, or shared with you."""
    with reading(engine) as session:
        return views.one(session, principal, view)


@router.post("/views/{view}", summary="Make a view of mine into another")
def change_view(
    request: Request, engine: EngineDep, principal: Reader, view: UUID, body: KeptView, version: Version
) -> View:
    """Its name, what it asks for, with whom it is shared, and whether the list begins with it; only its owner does."""
    with act(engine, actor(request, principal)) as session:
        return views.change(session, principal, view, version, body.wanted())


@router.delete("/views/{view}", status_code=204, summary="Take a view of mine away")
def remove_view(request: Request, engine: EngineDep, principal: Reader, view: UUID, version: Version) -> None:
    """Only its owner does; the audit trail keeps what it was."""
    with act(engine, actor(request, principal)) as session:
        views.remove(session, principal, view, version)
