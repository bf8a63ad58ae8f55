"""The inbox on a page: views, filters, cursor pages; the list refreshes itself when the server says so (REQ 87, 90)."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.frame.doors import Doors
from api.process.inbox_stream import followed
from api.register.paths import ItemFilter
from models.kernel.store.act import now, reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.process.queries import inbox as queries_tasks
from models.release import queries as release
from ui.frame.visit import REFUSING, OnlookerDep, Visit, VisitDep
from ui.inbox import view as views_inbox
from ui.inbox.page import ExceptionCount, InboxPage, View
from ui.release.evidence_memo import EvidenceMemo

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /inbox
        GET /inbox/list
        GET /inbox/stream
        GET /tasks/{task_id}/exceptions
    """,
}

Text = Annotated[str, Query(max_length=2000)]


@router.get("/inbox")
def inbox(
    visit: VisitDep, view: View | None = None, process: Text = "", item: ItemFilter = None, cursor: Text = ""
) -> Response:
    """The whole page: mine first; what I could take, when nothing is mine."""
    if view is None:
        with visit.reading() as session:
            counts = queries_tasks.counts(session, visit.principal)
        view = "claimable" if counts.claimable and not counts.mine else "mine"
    return visit.page(_build(visit, view, process, item or "", cursor))


@router.get("/inbox/list")
def inbox_list(
    visit: OnlookerDep, view: View = "mine", process: Text = "", item: ItemFilter = None, cursor: Text = ""
) -> Response:
    """Only the live part; a page left open alone asks for it and doesn't keep the session alive by that."""
    return visit.part(_build(visit, view, process, item or "", cursor), template="inbox/list.html")


@router.get("/tasks/{task_id}/exceptions")
def exceptions(visit: OnlookerDep, task_id: UUID) -> Response:
    """How many exceptions (or cells that nobody checked) the evidence behind a release has now."""
    visit.need(Permission.RECORD_READ)
    try:
        with visit.reading() as session:
            found = release.open_points(session, task_id, now(session))
    except REFUSING:
        return Response(status_code=204)  # a row needs no error page; opening the task says what is wrong
    _memo(visit).put(task_id, found)
    return visit.part(ExceptionCount(points=found))


@router.get("/inbox/stream", response_class=EventSourceResponse)
async def stream(request: Request, visit: OnlookerDep, seen: Text = "") -> AsyncIterator[ServerSentEvent]:
    """Says `tasks` whenever this person's counts are other than the page shows, within a second."""
    last = seen
    async for person in followed(request):
        if person is None:
            yield ServerSentEvent(comment="still here")
            continue
        now = await run_in_threadpool(_seen, visit, person)
        if now != last:
            last = now
            yield ServerSentEvent(event="tasks", raw_data=now)
    yield ServerSentEvent(event="tasks", raw_data="session")  # the list's next request leads to the login


def _build(visit: Visit, view: View, process: str, item: str, cursor: str) -> InboxPage:
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        return views_inbox.build(
            session,
            visit.principal,
            visit.words,
            view,
            process=process,
            item=item,
            cursor=cursor,
            known=_memo(visit).get,
        )


def _memo(visit: Visit) -> EvidenceMemo:
    memo: EvidenceMemo = visit.request.app.state.evidence
    return memo


def _seen(visit: Visit, principal: Principal) -> str:
    with reading(visit.engine) as session:
        return views_inbox.seen(queries_tasks.counts(session, principal))
