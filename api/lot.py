"""Batches as they are read: lists, one batch, its timeline (REQUIREMENTS 2, 3, 54)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse

from api.frame.deps import EngineDep, Reader
from api.frame.doors import API, Doors
from api.frame.language import language
from api.frame.paging import Cursor, Limit, Search
from api.frame.request.paths import LotNumber
from api.listing.files import CSV, Format, handed_out, wants_csv
from api.register.paths import ItemFilter, SupplierFilter
from api.register.schemas import Kind
from models.kernel.store.act import reading
from models.listing.acts.export import Wanted
from models.listing.rules import Asked
from models.lot.queries import list as queries_lots
from models.lot.queries import one as queries_lot
from models.lot.queries.views import LotDetail, LotPage, Timeline
from models.lot.rules.lot import LotStatus
from models.person.rules.roles import Permission

router = APIRouter(prefix=API, tags=["lots"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/lots
        GET /api/v1/lots/{lot_no:path}
        GET /api/v1/lots/{lot_no:path}/timeline
    """,
}


Sort = Annotated[
    Literal["lot", "-lot", "newest", "-newest"] | None,
    Query(description="With a minus downwards; without it the newest first, or what `q` finds by its key"),
]


@router.get("/lots", summary="Batches, newest first", response_model=LotPage, responses=CSV)
def list_lots(
    request: Request,
    engine: EngineDep,
    principal: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    status: LotStatus | None = None,
    kind: Kind | None = None,
    item: ItemFilter = None,
    supplier: SupplierFilter = None,
    held: bool | None = None,
    q: Search = None,
    sort: Sort = None,
    fmt: Format = "json",
) -> LotPage | StreamingResponse:
    """`q` is the beginning of a lot number or a supplier's lot number, written in any way; sorted by it then."""
    asked = queries_lots.asked_of(
        (sort or "").lstrip("-"),
        down=(sort or "").startswith("-"),
        status=status.value if status else None,
        kind=kind,
        item=item,
        supplier=supplier,
        held=held,
        q=q,
    )
    if wants_csv(request, fmt):
        return handed_out(request, engine, principal, wanted_of(asked, principal.zone, language(request)))
    with reading(engine) as session:
        return queries_lots.listed(session, asked, limit=limit, after=cursor)


def wanted_of(asked: Asked, zone: str, said_in: str) -> Wanted:
    """Those batches as a file."""
    return Wanted(listed=queries_lots.LIST, asked=asked, zone=zone, language=said_in, given={})


@router.get("/lots/{lot_no:path}/timeline", summary="What happened to the batch")
def read_timeline(
    engine: EngineDep, _: Reader, lot_no: LotNumber, limit: Limit = 200, cursor: Cursor = None
) -> Timeline:
    """Facts in the order they happened."""
    with reading(engine) as session:
        return queries_lot.timeline(session, lot_no, limit=limit, after=cursor)


@router.get("/lots/{lot_no:path}", summary="One batch with everything that hangs on it")
def read_lot(engine: EngineDep, principal: Reader, lot_no: LotNumber) -> LotDetail:
    """Milestones, stock, holds, parents and children one step each way, inspections, tasks, signatures, shipments."""
    with reading(engine) as session:
        return queries_lot.detail(session, principal, lot_no)
