"""Splitting, merging, repacking and deciding on parts of lots over HTTP (REQUIREMENTS 6, 7)."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request

from api.frame.deps import require
from api.frame.doors import API, Doors
from api.frame.request.named import body_of_lot
from api.frame.request.paths import LotPath
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from api.reshape import schemas as shapes
from models.kernel.messages import LotLabels
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.reshape.messages import MergeLots, NewLot, ProposeDisposition, RepackLot, SplitLot
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.LOT_RESHAPE: """
        POST /api/v1/lots/{lot_no:path}/merge
        POST /api/v1/lots/{lot_no:path}/repack
        POST /api/v1/lots/{lot_no:path}/split
    """,
    Permission.LOT_DISPOSE: """
        POST /api/v1/lots/{lot_no:path}/disposition
    """,
}

Proposer = Annotated[Principal, Depends(require(Permission.LOT_DISPOSE))]
Reshaper = Annotated[Principal, Depends(require(Permission.LOT_RESHAPE))]


@router.post("/lots/{lot_no:path}/split", status_code=201)
async def split(
    request: Request, who: Reshaper, lot_no: LotPath, given: Annotated[shapes.SplitIn, body_of_lot(shapes.SplitIn)]
) -> ReceiptOut:
    """Split: parts become lots of their own, in the same state and under the same holds."""
    desk = Desk.of(request, who)
    command = SplitLot(
        command_id=desk.command_id(f"split:{lot_no.number[:80]}"),
        by=desk.by(),
        lot_no=lot_no.number,
        scanned=lot_no.scanned,
        **given.model_dump(),
    )
    return out(await start.reshape(desk.client, command))


@router.post("/lots/{lot_no:path}/merge", status_code=201)
async def merge(
    request: Request, who: Reshaper, lot_no: LotPath, given: Annotated[shapes.MergeIn, body_of_lot(shapes.MergeIn)]
) -> ReceiptOut:
    """Merge with other lots of the same item, unit and state; the new lot expires with the first of them."""
    desk = Desk.of(request, who)
    command = MergeLots(
        command_id=desk.command_id(f"merge:{lot_no.number[:80]}"),
        by=desk.by(),
        lot_nos=(lot_no.number, *given.others),
        scanned=(*lot_no.scanned, *(LotLabels(**one.model_dump()) for one in given.scanned)),
        **given.model_dump(exclude={"others", "scanned"}),
    )
    return out(await start.reshape(desk.client, command))


@router.post("/lots/{lot_no:path}/repack", status_code=201)
async def repack(
    request: Request, who: Reshaper, lot_no: LotPath, given: Annotated[shapes.RepackIn, body_of_lot(shapes.RepackIn)]
) -> ReceiptOut:
    """Repack into another unit; the quantities must come out exactly."""
    desk = Desk.of(request, who)
    command = RepackLot(
        command_id=desk.command_id(f"repack:{lot_no.number[:80]}"),
        by=desk.by(),
        lot_no=lot_no.number,
        scanned=lot_no.scanned,
        **given.model_dump(),
    )
    return out(await start.reshape(desk.client, command))


@router.post("/lots/{lot_no:path}/disposition", status_code=201)
async def propose(
    request: Request,
    who: Proposer,
    lot_no: LotPath,
    given: Annotated[shapes.DispositionIn, body_of_lot(shapes.DispositionIn)],
) -> ReceiptOut:
    """Propose to reject a part; `task` in the answer is the decision that a QA approver completes and signs."""
    desk = Desk.of(request, who)
    command = ProposeDisposition(
        command_id=desk.command_id(f"disposition:{lot_no.number[:80]}"),
        by=desk.by(),
        lot_no=lot_no.number,
        scanned=lot_no.scanned,
        rejected=NewLot(**given.rejected.model_dump()),
        **given.model_dump(exclude={"rejected"}),
    )
    return out(await start.reshape(desk.client, command))
