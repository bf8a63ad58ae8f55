"""Stock itself over HTTP: serial numbers of pieces, and where goods lie (REQUIREMENTS 18, 54)."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request

from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.named import body
from api.frame.request.paths import LotNumber, LotPath
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from api.stock import schemas as shapes
from models.kernel.store import act
from models.lot.store import lots
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.stock.messages import MoveStock, RegisterSerials
from models.stock.store import serials
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/lots/{lot_no:path}/serials
    """,
    Permission.STOCK_MOVE: """
        POST /api/v1/moves
    """,
    Permission.SERIAL_REGISTER: """
        POST /api/v1/lots/{lot_no:path}/serials
    """,
}

Registrar = Annotated[Principal, Depends(require(Permission.SERIAL_REGISTER))]
Mover = Annotated[Principal, Depends(require(Permission.STOCK_MOVE))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]


@router.post("/lots/{lot_no:path}/serials", status_code=201)
async def register(request: Request, who: Registrar, lot_no: LotPath, given: shapes.SerialsIn) -> ReceiptOut:
    """Give pieces of a lot in stock their serial numbers; a number names one piece of its item for good."""
    desk = Desk.of(request, who)
    command = RegisterSerials(
        command_id=desk.command_id(f"serials:{lot_no.number[:80]}"),
        by=desk.by(),
        lot_no=lot_no.number,
        scanned=lot_no.scanned,
        **given.model_dump(),
    )
    return out(await start.stock(desk.client, command))


@router.get("/lots/{lot_no:path}/serials")
def read_serials(request: Request, who: Reader, lot_no: LotNumber) -> list[shapes.SerialOut]:
    """The serial numbers of a lot, and where each piece is: in stock, in a case, shipped, used, scrapped, built in."""
    del who
    with act.reading(engine(request)) as session:
        found = serials.whereabouts(session, lots.get(session, lot_no).id)
    return [shapes.SerialOut(serial_no=one.serial_no, state=one.state, where=one.place) for one in found]


@router.post("/moves", status_code=201)
async def move(request: Request, who: Mover, given: Annotated[shapes.MoveIn, body(shapes.MoveIn)]) -> ReceiptOut:
    """Bring goods to another place; what they are decides where they may lie."""
    desk = Desk.of(request, who)
    command = MoveStock(
        command_id=desk.command_id(f"move:{given.lot_no[:80]}"), by=desk.by(), **given.model_dump(by_alias=False)
    )
    return out(await start.stock(desk.client, command))
