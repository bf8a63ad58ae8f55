"""Nonconformances and deviations over HTTP: raised by whoever finds something, read by everybody (ISO 13485 8.3; REQUIREMENTS 39)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.capa import AlikeOut
from api.frame.case_paper import PDF, case_paper
from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.language import language
from api.frame.paging import Cursor, Limit
from api.frame.request.named import body
from api.frame.request.paths import NumberIn, number_in
from api.frame.request.shapes import (
    EnglishName,
    KnownItem,
    KnownLot,
    KnownPlace,
    KnownSupplier,
    LotNo,
    Moment,
    Name,
    ScannedIn,
    Words,
)
from api.listing.files import CSV, Format, handed_out, wants_csv
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import UOM, Quantity, ReceiptOut, Uom
from models.capa.store import similar
from models.definition.answer import MOST_FILES
from models.kernel.store.act import now, reading
from models.listing.acts.export import Wanted
from models.listing.rules import Asked
from models.nonconformance import tables
from models.nonconformance.messages import RaiseNonconformance
from models.nonconformance.paper import finding
from models.nonconformance.queries import findings as queries
from models.nonconformance.queries import list as listed
from models.nonconformance.queries.list import NonconformanceList
from models.nonconformance.rules import Severity
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/nonconformances
        GET /api/v1/nonconformances/{number:path}
        GET /api/v1/nonconformances/{number:path}/pdf
    """,
    Permission.NONCONFORMANCE_RAISE: """
        POST /api/v1/nonconformances
    """,
}
Raiser = Annotated[Principal, Depends(require(Permission.NONCONFORMANCE_RAISE))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]


class RaiseIn(ScannedIn):
    """What was found, of which batch; where there is no batch yet, of which item, supplier or place."""

    title: Name = Field(examples=["外包装破损，两箱受潮"])
    title_en: EnglishName = None
    said: Words | None = Field(default=None, description="What whoever found it has to say about it.")
    kind: Literal["nonconformance", "deviation"] = "nonconformance"
    source: Literal["equipment", "count", "return", "load", "hand"] = "hand"
    severity: Severity | None = Field(
        default=None, description="Graver than the rule has it, where it is; the rule decides what it is at least."
    )
    lot_no: KnownLot | None = Field(default=None, examples=["R-2611-07"])
    item_no: KnownItem | None = None
    supplier_no: KnownSupplier | None = None
    supplier_lot_no: LotNo | None = None
    location: KnownPlace | None = Field(default=None, description="Where what was set apart lies.")
    quantity: Quantity | None = Field(
        default=None, description="How much was set apart; left out, the whole batch is meant."
    )
    uom: Uom = UOM
    files: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = Field(
        default=(),
        max_length=MOST_FILES,
        description="Photographs and papers, by the digests that `POST /attachments` answered.",
    )
    happened_at: Moment | None = Field(default=None, description="When it happened, where that was before now.")


NonconformanceNumber = Annotated[str, Depends(number_in(NumberIn("number", tables.NUMBERS)))]


@router.get(
    "/nonconformances", summary="Nonconformances and deviations", response_model=NonconformanceList, responses=CSV
)
def list_nonconformances(
    request: Request,
    who: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    number: Annotated[str | None, Query(max_length=200, description="Somewhere in its number or title")] = None,
    severity: Severity | None = None,
    state: Literal["open", "closed"] | None = None,
    owner: Annotated[str | None, Query(max_length=200)] = None,
    owned: Literal["somebody", "nobody"] | None = None,
    age: Annotated[Literal["week", "month", "older"] | None, Query(description="How long an open one is open")] = None,
    timely: Annotated[
        Literal["on_time", "late"] | None, Query(description="Whether each step was done by when it was due")
    ] = None,
    closed_from: date | None = None,
    closed_until: date | None = None,
    sort: Annotated[
        Literal["number", "-number", "opened", "-opened"], Query(description="With a minus downwards")
    ] = "-opened",
    fmt: Format = "json",
) -> NonconformanceList | StreamingResponse:
    """Newest first; what the figures of quality count is narrowed by the same words."""
    given = {
        "number": number,
        "severity": severity,
        "state": state,
        "owner": owner,
        "owned": owned,
        "age": age,
        "timely": timely,
        "closed_from": closed_from,
        "closed_until": closed_until,
    }
    asked = Asked({key: str(value) for key, value in given.items() if value}, sort.lstrip("-"), sort.startswith("-"))
    if wants_csv(request, fmt):
        return handed_out(request, engine(request), who, wanted_of(asked, who.zone, language(request)))
    with reading(engine(request)) as session:
        return listed.page(session, asked, who.zone, limit=limit, after=cursor)


def wanted_of(asked: Asked, zone: str, said_in: str) -> Wanted:
    """Those findings as a file."""
    return Wanted(listed=listed.LIST, asked=asked, zone=zone, language=said_in, given={})


@router.post("/nonconformances", status_code=201)
async def raise_nonconformance(request: Request, who: Raiser, given: Annotated[RaiseIn, body(RaiseIn)]) -> ReceiptOut:
    """Put what was found on record; its review begins at once, and the batch isn't released until it is decided."""
    desk = Desk.of(request, who)
    command = RaiseNonconformance(command_id=desk.command_id("raise"), by=desk.by(), **given.model_dump())
    return out(await start.ask(desk.client, command))


@router.get("/nonconformances/{number:path}/pdf", response_class=Response, responses=PDF)
def read_paper(request: Request, who: Reader, number: NonconformanceNumber) -> Response:
    """The finding and all of its review on paper, with the same as JSON attached."""
    del who
    return case_paper(engine(request), number, finding)


@router.get("/nonconformances/{number:path}")
def read_nonconformance(request: Request, who: Reader, number: NonconformanceNumber) -> dict[str, Any]:
    """One finding: what it is about, whose it is and by when, and what was decided."""
    del who
    with reading(engine(request)) as session:
        row = queries.of_number(session, number)
        alike = similar.proposed(session, row.subject_key, now(session))
    said = {
        name: f"{one.normalize():f}" if isinstance(one, Decimal) else one
        for name, one in row._mapping.items()  # noqa: SLF001 - SQLAlchemy's public name
        if name != "subject_key"
    }
    return {**said, "similar": [AlikeOut.of(one).model_dump(mode="json") for one in alike]}
