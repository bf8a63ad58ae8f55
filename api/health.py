"""The trace health check over HTTP: the newest with its history, what stands, and a check now (requirement 26)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request

from api.frame.deps import EngineDep, Reader, require
from api.frame.doors import API, Doors
from api.process.acts import Desk
from models.drill.messages import CheckTrace
from models.health import queries as queries_health
from models.health.queries import FindingsPage, HealthView
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["trace"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/trace-health
        GET /api/v1/trace-health/findings
    """,
    Permission.TRACE_CHECK: """
        POST /api/v1/trace-health
    """,
}

Checker = Annotated[Principal, Depends(require(Permission.TRACE_CHECK))]


@router.get("/trace-health", summary="How healthy the trace of the whole plant is")
def read_health(engine: EngineDep, _: Reader, history: Annotated[int, Query(ge=1, le=1000)] = 60) -> HealthView:
    """The newest check by item family, the worst first, with the checks before it."""
    with reading(engine) as session:
        return queries_health.newest(session, history=history)


@router.get("/trace-health/findings", summary="What the newest check found")
def read_findings(
    engine: EngineDep,
    _: Reader,
    code: Annotated[str | None, Query(max_length=40, examples=["TRC-101"])] = None,
    family: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: str | None = None,
) -> FindingsPage:
    """Findings that stand, the longest known first, with the lot and since which check."""
    with reading(engine) as session:
        return queries_health.findings(session, code=code, family=family, after=cursor, limit=limit)


@router.post("/trace-health", status_code=202, summary="Check now")
async def check_now(request: Request, who: Checker) -> dict[str, bool]:
    """Begin a check; one that runs already is not begun twice.  Its result is read from `GET /trace-health`."""
    desk = Desk.of(request, who)
    asked = CheckTrace(command_id=desk.command_id("trace-health"), by=desk.by(), cause="manual")
    await start.check_trace(desk.client, asked)
    return {"started": True}
