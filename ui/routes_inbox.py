"""The inbox on a page: views, filters, cursor pages; the list refreshes itself when the server says so (REQ 87, 90)."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.deps import who
from models.rules.auth import Principal
from models.rules.refusals import Refusal
from models.rules.roles import Permission
from models.store import queries_tasks
from models.store.act import reading
from ui import views_inbox
from ui.pages.inbox import InboxPage, View
from ui.routes_base import OnlookerDep, Visit, VisitDep

router = APIRouter()

Text = Annotated[str, Query(max_length=2000)]


@router.get("/inbox")
def inbox(visit: VisitDep, view: View = "mine", process: Text = "", item: Text = "", cursor: Text = "") -> Response:
    """The whole page."""
    return visit.page(_build(visit, view, process, item, cursor))


@router.get("/inbox/list")
def inbox_list(
    visit: OnlookerDep, view: View = "mine", process: Text = "", item: Text = "", cursor: Text = ""
) -> Response:
    """Only the live part; a page left open alone asks for it and doesn't keep the session alive by that."""
    return visit.part(_build(visit, view, process, item, cursor), template="partials/inbox_list.html")


@router.get("/inbox/stream", response_class=EventSourceResponse)
async def stream(request: Request, visit: OnlookerDep, seen: Text = "") -> AsyncIterator[ServerSentEvent]:
    """Says `tasks` whenever this person's counts are other than the page shows, within a second."""
    principal, last = visit.principal, seen
    async for changed in request.app.state.changes.watch():
        if not changed:
            yield ServerSentEvent(comment="still here")
            try:
                principal = await run_in_threadpool(who, request, touch=False)
            except Refusal:
                yield ServerSentEvent(event="tasks", raw_data="session")  # the list's next request leads to the login
                return
            continue
        now = await run_in_threadpool(_seen, visit, principal)
        if now != last:
            last = now
            yield ServerSentEvent(event="tasks", raw_data=now)


def _build(visit: Visit, view: View, process: str, item: str, cursor: str) -> InboxPage:
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        return views_inbox.build(session, visit.principal, visit.words, view, process=process, item=item, cursor=cursor)


def _seen(visit: Visit, principal: Principal) -> str:
    with reading(visit.engine) as session:
        return views_inbox.seen(queries_tasks.counts(session, principal))
