"""The links into a batch over HTTP, and correcting a recorded consumption (REQUIREMENTS 13, 21)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request

from api.correction.schemas import CorrectLinkIn
from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.named import body_of_lot
from api.frame.request.paths import LotNumber, LotPath
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from models.correction import store as links
from models.correction.messages import CorrectLink
from models.correction.store import LinkView
from models.kernel.store.act import reading
from models.lot.store import lots
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/lots/{lot_no:path}/links
    """,
    Permission.LOT_LINK_CORRECT: """
        POST /api/v1/lots/{lot_no:path}/links/correct
    """,
}

Corrector = Annotated[Principal, Depends(require(Permission.LOT_LINK_CORRECT))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
MOST = 1000


@router.get("/lots/{lot_no:path}/links")
def read(
    request: Request,
    who: Reader,
    lot_no: LotNumber,
    q: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> list[LinkView]:
    """What the batch was made of as recorded, corrected links too; `q` is a part of the parents' numbers."""
    del who
    with reading(engine(request)) as session:
        return list(links.into(session, lots.get(session, lot_no).id, limit, q))


@router.post("/lots/{lot_no:path}/links/correct", status_code=201)
async def correct(
    request: Request, who: Corrector, lot_no: LotPath, given: Annotated[CorrectLinkIn, body_of_lot(CorrectLinkIn)]
) -> ReceiptOut:
    """Correct what was consumed: the wrong link stays, another takes its place, and stock follows."""
    desk = Desk.of(request, who)
    command = CorrectLink(
        command_id=desk.command_id(f"correct:{lot_no.number[:80]}"),
        by=desk.by(),
        lot_no=lot_no.number,
        scanned=lot_no.scanned,
        **given.model_dump(),
    )
    return out(await start.correct_link(desk.client, command))
