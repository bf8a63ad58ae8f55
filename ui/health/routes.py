"""The trace health check on a page: the newest, its trend, what stands, and a check now (REQUIREMENTS 26)."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.frame.doors import Doors
from models.drill.messages import CheckTrace
from models.health import queries as queries_health
from models.health.rules import NO_CHECK
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from ui.frame.form.forms import Done, once
from ui.frame.visit import REFUSING, Visit, VisitDep, new_key
from ui.health import view as views_trace_health
from ui.health.page import TraceHealthPage
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /trace-health
    """,
    Permission.TRACE_CHECK: """
        POST /trace-health
    """,
}
Choice = Annotated[str, Query(max_length=400)]


@router.get("/trace-health")
def health(
    visit: VisitDep, code: Choice = "", family: Choice = "", cursor: Annotated[str, Query(max_length=2000)] = ""
) -> Response:
    """The page; before the first check an empty one."""
    visit.need(Permission.RECORD_READ)
    return visit.page(_page(visit, code, family, cursor))


@router.post("/trace-health")
async def check(visit: VisitDep) -> Response:
    """Begin a check and come back."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.TRACE_CHECK)
        desk = visit.desk(form)
        asked = CheckTrace(command_id=desk.command_id("trace-health"), by=visit.by(), cause="manual")
        await start.check_trace(desk.client, asked)
        return views_trace_health.HERE, visit.words("health.began")

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        page = replace(await run_in_threadpool(_page, visit), refusal=refusal)
        return visit.page(page, refusal.status)


def _page(visit: Visit, code: str = "", family: str = "", cursor: str = "") -> TraceHealthPage:
    may = visit.may(Permission.TRACE_CHECK)
    with visit.reading() as session:
        try:
            found = queries_health.newest(session)
        except Refusal as none:
            if none.code != NO_CHECK.code:
                raise
            return TraceHealthPage(can_check=may, command_key=new_key())
        standing = queries_health.findings(
            session, code=code or None, family=family or None, after=cursor or None, limit=100
        )
    page = views_trace_health.page(visit.words, found, standing, code=code, family=family, cursor=cursor, can_check=may)
    return replace(page, command_key=new_key())
