"""Breakdowns of equipment over HTTP: reported by whoever stands at it, read by everybody (ISO 13485 6.3; REQUIREMENTS 43, 64)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request

from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.named import body
from api.frame.request.paths import NumberIn, number_in
from api.frame.request.shapes import KnownEquipment, KnownLot, Moment, Reason, ScannedIn
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from models.breakdown import queries, tables
from models.breakdown.messages import ReportBreakdown
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/breakdowns
        GET /api/v1/breakdowns/{number:path}
    """,
    Permission.NONCONFORMANCE_RAISE: """
        POST /api/v1/breakdowns
    """,
}
Raiser = Annotated[Principal, Depends(require(Permission.NONCONFORMANCE_RAISE))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
BreakdownNumber = Annotated[str, Depends(number_in(NumberIn("number", tables.NUMBERS)))]
PAGE = 50
MOST_LOTS = 100


class ReportIn(ScannedIn):
    """Equipment broke down; reported again while it is out of use, it is the same breakdown."""

    equipment_no: KnownEquipment
    said: Reason = Field(examples=["主轴异响，自动停机"])
    happened_at: Moment | None = Field(default=None, description="When it broke down, where that was before now.")
    lot_nos: tuple[KnownLot, ...] = Field(
        default=(), max_length=MOST_LOTS, description="The batches that were under way on it."
    )


class BreakdownOut(BaseModel):
    """A breakdown: `open` while the equipment is out of use; `minutes` is how long it was, or is by now."""

    number: str
    subject: UUID
    status: Literal["open", "back", "retired"]
    title: str
    title_en: str
    equipment_no: str
    happened_at: datetime
    reported_at: datetime
    found: str | None
    done: str | None
    repairer: str | None
    repaired_at: datetime | None
    again: Literal["none", "calibration", "qualification"] | None
    ended_at: datetime | None
    ended_by: str | None
    minutes: int
    lots: int


class BreakdownsOut(BaseModel):
    """Breakdowns, the newest first, and after which the rest comes."""

    items: list[BreakdownOut]
    next: int | None


class ReportOut(BaseModel):
    """What somebody told."""

    said: str
    happened_at: datetime
    reported_at: datetime
    by: str


class UnderWayOut(BaseModel):
    """A batch that was under way: named in a report, or shown by its recorded work; with its deviation."""

    lot_no: str
    because: Literal["named", "recorded"]
    nonconformance: str
    held: bool


class WholeBreakdownOut(BreakdownOut):
    """One breakdown with all that was told of it and the batches that were under way."""

    reports: list[ReportOut]
    batches: list[UnderWayOut]


def _told(shape: type[BaseModel], row: Any) -> dict[str, Any]:
    return {key: value for key, value in row._mapping.items() if key in shape.model_fields}  # noqa: SLF001 - SQLAlchemy's public name


def _head(row: Any) -> dict[str, Any]:
    return _told(BreakdownOut, row) | {"minutes": int(row.out.total_seconds() // 60)}


@router.post("/breakdowns", status_code=201)
async def report_breakdown(request: Request, who: Raiser, given: Annotated[ReportIn, body(ReportIn)]) -> ReceiptOut:
    """Report it: the equipment is out of use at once, and the batches under way get a deviation and are held."""
    desk = Desk.of(request, who)
    command = ReportBreakdown(command_id=desk.command_id("report"), by=desk.by(), **given.model_dump())
    return out(await start.ask(desk.client, command))


@router.get("/breakdowns")
def list_breakdowns(
    request: Request,
    who: Reader,
    status: Literal["open", "back", "retired"] | None = None,
    after: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> BreakdownsOut:
    """Breakdowns, the newest first."""
    del who
    with reading(engine(request)) as session:
        rows = queries.page(session, status=status, after=after, n=PAGE + 1)
        return BreakdownsOut(
            items=[BreakdownOut(**_head(one)) for one in rows[:PAGE]],
            next=rows[PAGE - 1].id if len(rows) > PAGE else None,
        )


@router.get("/breakdowns/{number:path}")
def read_breakdown(request: Request, who: Reader, number: BreakdownNumber) -> WholeBreakdownOut:
    """One breakdown."""
    del who
    with reading(engine(request)) as session:
        found = queries.of_number(session, number)
        return WholeBreakdownOut(
            **_head(found.head),
            reports=[ReportOut(**_told(ReportOut, one)) for one in found.reports],
            batches=[UnderWayOut(**_told(UnderWayOut, one)) for one in found.lots],
        )
