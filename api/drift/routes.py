"""Charts of incoming lots over HTTP: limits asked for by who keeps suppliers, read by everybody (REQUIREMENTS 50, 118; STANDARDS Q 90, Q 91)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.requests import Request

from api.drift.schemas import (
    AlarmsOut,
    AlertOut,
    ChartOut,
    ChartsOut,
    PointOut,
    State,
    WatchLotsIn,
    WholeChartOut,
)
from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.named import body
from api.frame.request.paths import NumberIn, number_in
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from models.drift import queries, tables
from models.drift.messages import WatchLots
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/drift-charts
        GET /api/v1/drift-charts/{number:path}
    """,
    Permission.SUPPLIER_ASSESS: """
        POST /api/v1/drift-charts
    """,
}
Keeper = Annotated[Principal, Depends(require(Permission.SUPPLIER_ASSESS))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
ChartNumber = Annotated[str, Depends(number_in(NumberIn("number", tables.CHARTS)))]


def _told(shape: type[BaseModel], row: Any) -> dict[str, Any]:
    return {key: value for key, value in row._mapping.items() if key in shape.model_fields}  # noqa: SLF001 - SQLAlchemy's public name


@router.post("/drift-charts", status_code=201)
async def watch_lots(request: Request, who: Keeper, given: Annotated[WatchLotsIn, body(WatchLotsIn)]) -> ReceiptOut:
    """Ask for limits, the first or others; their process begins at once."""
    desk = Desk.of(request, who)
    command = WatchLots(command_id=desk.command_id("watch"), by=desk.by(), **given.model_dump())
    return out(await start.ask(desk.client, command))


@router.get("/drift-charts")
def list_charts(
    request: Request,
    who: Reader,
    q: Annotated[str | None, Query(max_length=200)] = None,
    state: State | None = None,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ChartsOut:
    """What is watched: by number, narrowed by what numbers and names contain and by how charts stand."""
    del who
    with reading(engine(request)) as session:
        found = queries.page(session, q=q or None, state=state, after=after, n=limit)
        items = [ChartOut(**_told(ChartOut, one)) for one in found.items]
        alarms = AlarmsOut(**_told(AlarmsOut, found.alarms))
        return ChartsOut(items=items, counts=dict(found.counts), alarms=alarms, next=found.next)


@router.get("/drift-charts/{number:path}")
def read_chart(request: Request, who: Reader, number: ChartNumber) -> WholeChartOut:
    """One chart with its lots and alerts."""
    del who
    with reading(engine(request)) as session:
        found = queries.of_number(session, number)
        return WholeChartOut(
            **_told(WholeChartOut, found.head),
            points=[PointOut(**_told(PointOut, one)) for one in found.points],
            alerts=[AlertOut(**_told(AlertOut, one)) for one in found.alerts],
        )
