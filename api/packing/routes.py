"""Cases and pallets over HTTP: what is in them, packing, unpacking, moving (REQUIREMENTS 19, 56).

A unit's number is given as it is printed or scanned: 18 digits, `(00)…`, an element string, a Digital Link, or the
site's own.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request

from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.named import body
from api.frame.request.paths import LotFilter
from api.packing import schemas as shapes
from api.packing.paths import UnitNumber, UnitPath
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from models.kernel.store import act
from models.lot.store import lots
from models.packing import queries as queries_packing
from models.packing.messages import MoveUnit, PackUnit, UnpackUnit
from models.packing.queries import UnitDetail
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.trace.rules.as_of import moment
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/logistic-units
        GET /api/v1/logistic-units/{unit_no:path}
    """,
    Permission.STOCK_MOVE: """
        POST /api/v1/logistic-units/{unit_no:path}/move
    """,
    Permission.UNIT_PACK: """
        POST /api/v1/logistic-units/{unit_no:path}/pack
        POST /api/v1/logistic-units/{unit_no:path}/unpack
    """,
}

Packer = Annotated[Principal, Depends(require(Permission.UNIT_PACK))]
Mover = Annotated[Principal, Depends(require(Permission.STOCK_MOVE))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]


@router.get("/logistic-units")
def read_units(
    request: Request,
    who: Reader,
    q: Annotated[str, Query(max_length=500, description="A part of the number.")] = "",
    status: Literal["open", "shipped"] | None = None,
    lot: LotFilter = None,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """Cases and pallets, newest first; with `lot` only those that hold some of it."""
    del who
    with act.reading(engine(request)) as session:
        lot_id = lots.get(session, lot).id if lot else None
        rows, following = queries_packing.page(session, q=q, status=status, lot=lot_id, after=cursor, limit=limit)
    return {"items": [row.model_dump(mode="json") for row in rows], "next": following}


@router.post("/logistic-units/{unit_no:path}/pack", status_code=201)
async def pack(
    request: Request, who: Packer, unit_no: UnitPath, given: Annotated[shapes.PackIn, body(shapes.PackIn)]
) -> ReceiptOut:
    """Put goods or smaller units into a unit; the first time begins it."""
    desk, number = Desk.of(request, who), unit_no.number
    command = PackUnit(
        command_id=desk.command_id(f"pack:{number}"),
        by=desk.by(),
        unit_no=number,
        unit_labels=unit_no.unit_labels,
        **given.model_dump(),
    )
    return out(await start.pack(desk.client, command))


@router.post("/logistic-units/{unit_no:path}/unpack", status_code=201)
async def unpack(
    request: Request, who: Packer, unit_no: UnitPath, given: Annotated[shapes.UnpackIn, body(shapes.UnpackIn)]
) -> ReceiptOut:
    """Take things out of a unit, or everything."""
    desk, number = Desk.of(request, who), unit_no.number
    command = UnpackUnit(
        command_id=desk.command_id(f"unpack:{number}"),
        by=desk.by(),
        unit_no=number,
        unit_labels=unit_no.unit_labels,
        **given.model_dump(),
    )
    return out(await start.pack(desk.client, command))


@router.post("/logistic-units/{unit_no:path}/move", status_code=201)
async def move(
    request: Request, who: Mover, unit_no: UnitPath, given: Annotated[shapes.MoveIn, body(shapes.MoveIn)]
) -> ReceiptOut:
    """Move a unit with all that is in it to another location."""
    desk, number = Desk.of(request, who), unit_no.number
    command = MoveUnit(
        command_id=desk.command_id(f"move:{number}"),
        by=desk.by(),
        unit_no=number,
        unit_labels=unit_no.unit_labels,
        **given.model_dump(),
    )
    return out(await start.pack(desk.client, command))


@router.get("/logistic-units/{unit_no:path}")
def read_unit(
    request: Request,
    who: Reader,
    unit_no: UnitNumber,
    as_of: Annotated[str | None, Query(description="What was in it as known then: a date or a time.")] = None,
) -> UnitDetail:
    """One unit: where it stands or with which shipment it left, what is in it at all levels, and its history."""
    del who
    with act.reading(engine(request)) as session:
        at = moment(as_of, lots.site_zone(session), act.now(session)) if as_of and as_of.strip() else None
        return queries_packing.read(session, unit_no, at)
