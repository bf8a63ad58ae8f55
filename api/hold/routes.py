"""Acts of quality that hold goods: what one would be about before it is done, what it was afterwards, all of it lifted (ISO 13485 8.3.1)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request

from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.digits import DigitsRoute
from api.frame.request.named import body_of_lot
from api.frame.request.paths import LotNumber, LotPath
from api.hold import lifting
from api.hold.schemas import (
    BeyondOut,
    BrokenOut,
    ErrandOut,
    HeldOut,
    HoldActOut,
    LotOut,
    PartOut,
    PartReachOut,
    ReachOut,
)
from api.process.acts import Desk
from api.process.routes.acts import out, signed_act, signing_in
from api.process.schemas.acts import HoldIn, LiftIn, LiftPartIn, ReceiptOut, SignedActOut, WhyIn
from models.hold import acts as holding
from models.hold import queries, rules
from models.hold.messages import DecideAgain, PlaceHold
from models.hold.rules import Scope
from models.hold.store import parts, reach
from models.hold.store.parts import PartReach
from models.hold.store.reach import Reach
from models.kernel.store.act import reading
from models.kernel.units.quantity import plain
from models.lot.store import lots
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.pull.rules import Errand
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"], route_class=DigitsRoute)
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/hold-acts/{hold_act}
        GET /api/v1/lots/{lot_no:path}/holds/preview
    """,
    Permission.LOT_HOLD: """
        POST /api/v1/holds/{hold_id}/lift
        GET /api/v1/holds/{hold_id}/record
        POST /api/v1/lots/{lot_no:path}/holds
    """,
    Permission.LOT_LIFT: """
        POST /api/v1/lots/{lot_no:path}/decide-again
        GET /api/v1/hold-acts/{hold_act}/record
        POST /api/v1/hold-acts/{hold_act}/lift
        GET /api/v1/hold-parts/{part}/record
        POST /api/v1/hold-parts/{part}/lift
    """,
}
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
Holder = Annotated[Principal, Depends(require(Permission.LOT_HOLD))]
Lifter = Annotated[Principal, Depends(require(Permission.LOT_LIFT))]
ScopeIn = Annotated[
    Scope,
    Query(
        description="`lot`: the batch alone; `parts`: with everything that was made of it, however far down;"
        " `place`: so much of it at one place."
    ),
]
PlaceIn = Annotated[str | None, Query(max_length=100, description="With `place`: where so much of it is to be held.")]
QuantityIn = Annotated[Decimal | None, Query(max_digits=20, decimal_places=6, description="How much.")]
UomIn = Annotated[
    str | None, Query(max_length=20, description="The unit of the quantity, where it isn't the lot's own.")
]


@router.get("/lots/{lot_no:path}/holds/preview")
def preview(
    request: Request,
    who: Reader,
    lot_no: LotNumber,
    scope: ScopeIn = Scope.LOT,
    location: PlaceIn = None,
    quantity: QuantityIn = None,
    uom: UomIn = None,
) -> ReachOut:
    """What holding the batch would be about, and what of it can't be held with where that is; nothing is done."""
    del who
    rules.check_reach(scope, 1, location, quantity)
    with reading(engine(request)) as session:
        if location is not None and quantity is not None:
            lot = lots.get(session, lot_no)
            found = parts.of(session, lot, location, quantity, uom)
            return _part_reach(found, reach.of(session, [lot_no], Scope.LOT, 1))
        return _reach(scope, reach.of(session, [lot_no], scope, queries.ALL))


def _reach(scope: Scope, found: Reach) -> ReachOut:
    return ReachOut(
        scope=scope,
        count=found.count,
        held=found.held,
        places=found.places,
        in_house={uom: plain(quantity) for uom, quantity in found.amounts},
        lots=[LotOut(**_lot(one)) for one in found.lots],
        errands=_errands(found.errands),
        sends=found.sends,
        beyond=[BeyondOut(**one.as_record()) for one in found.beyond],
    )


def _part_reach(found: PartReach, lot: Reach) -> ReachOut:
    """Of a quantity nobody is told what has left: it is about what lies there."""
    there, whole = found.there, _reach(Scope.PLACE, lot)
    part = PartReachOut(
        location=there.place,
        quantity=plain(found.quantity),
        there=plain(there.quantity),
        held=plain(there.held),
        packed=plain(there.packed),
        left=plain(found.left),
        uom=there.uom,
        broken=[BrokenOut(**one.as_record(there.uom)) for one in found.broken],
    )
    errands = _errands([found.errand] if found.errand else [])
    return whole.model_copy(update={"places": 1, "errands": errands, "sends": found.sends, "beyond": [], "part": part})


@router.get("/hold-acts/{hold_act}")
def read_act(request: Request, who: Reader, hold_act: UUID) -> HoldActOut:
    """One act with every batch that it held, also those that were made of held ones later."""
    del who
    with reading(engine(request)) as session:
        found = queries.act(session, hold_act)
        head = found.head
        return HoldActOut(
            hold_act=head.public_id,
            scope=head.scope,
            named=head.named,
            reason=head.reason,
            placed_by=head.placed_by,
            placed_at=head.placed_at,
            held=head.held,
            open=head.open,
            lots=[HeldOut(**_lot(one), **{key: getattr(one, key) for key in _OF_HOLD}) for one in found.holds],
            beyond=[BeyondOut(**one) for one in head.beyond],
            errands=[
                ErrandOut(
                    kind=one.kind,
                    place=one.place,
                    title=one.title,
                    quantity=plain(one.quantity),
                    uom=one.uom,
                    lots=[line["lot_no"] for line in one.lines],
                )
                for one in found.errands
            ],
            parts=[_part(one) for one in found.parts],
            broken=[BrokenOut(**one) for one in head.broken],
        )


_OF_HOLD = ("hold", "placed_at", "later", "lifted_at", "lifted_by", "lift_reason")


@router.post("/lots/{lot_no:path}/holds", status_code=201)
async def place_hold(
    request: Request, who: Holder, lot_no: LotPath, given: Annotated[HoldIn, body_of_lot(HoldIn)]
) -> ReceiptOut:
    """Freeze a lot; what of it can't be held, and who was sent for it, stands at `GET /hold-acts/{hold_act}`."""
    desk = Desk.of(request, who)
    command = PlaceHold(
        command_id=desk.command_id(f"hold:{lot_no.number[:80]}"),
        by=desk.by(),
        lot_nos=(lot_no.number,),
        scanned=lot_no.scanned,
        **given.model_dump(),
    )
    return out(await start.ask(desk.client, command))


@router.get("/holds/{hold_id}/record")
def hold_record(request: Request, who: Holder, hold_id: UUID) -> SignedActOut:
    """What lifting this hold is signed on; refuses what lifting it would refuse."""
    with reading(engine(request)) as session:
        shown = holding.preview(session, hold_id, who.person_id)
    return signed_act(shown)


@router.post("/holds/{hold_id}/lift")
async def lift_hold(request: Request, who: Holder, hold_id: UUID, given: LiftIn) -> ReceiptOut:
    """Lift a hold, signed."""
    return out(await lifting.hold(Desk.of(request, who), hold_id, given.reason, signing_in(given.signature)))


@router.post("/lots/{lot_no:path}/decide-again")
async def decide_again(request: Request, who: Lifter, lot_no: LotPath, given: WhyIn) -> ReceiptOut:
    """Ask for a newer release decision on a batch that a release decision holds; the hold stays until two have signed."""
    desk = Desk.of(request, who)
    command = DecideAgain(
        command_id=desk.command_id(f"decide-again:{lot_no.number[:80]}"),
        by=desk.by(),
        lot_no=lot_no.number,
        scanned=lot_no.scanned,
        **given.model_dump(),
    )
    return out(await start.ask(desk.client, command))


@router.get("/hold-acts/{hold_act}/record")
def act_record(request: Request, who: Lifter, hold_act: UUID) -> SignedActOut:
    """What lifting all that the act still holds is signed on; refuses what lifting it would refuse."""
    with reading(engine(request)) as session:
        return signed_act(holding.preview_act(session, hold_act, who.person_id))


@router.post("/hold-acts/{hold_act}/lift")
async def lift_act(request: Request, who: Lifter, hold_act: UUID, given: LiftIn) -> ReceiptOut:
    """Lift all that the act still holds, by one signature."""
    return out(await lifting.whole_act(Desk.of(request, who), hold_act, given.reason, signing_in(given.signature)))


@router.get("/hold-parts/{part}/record")
def part_record(request: Request, who: Lifter, part: UUID, quantity: QuantityIn = None) -> SignedActOut:
    """What lifting a quantity that is held, or so much of it, is signed on; refuses what lifting it would refuse."""
    with reading(engine(request)) as session:
        return signed_act(holding.preview_part(session, part, quantity, who.person_id))


@router.post("/hold-parts/{part}/lift")
async def lift_part(request: Request, who: Lifter, part: UUID, given: LiftPartIn) -> ReceiptOut:
    """Lift a quantity that is held, or so much of it, signed; the rest goes on being held under a part of its own."""
    desk, signing = Desk.of(request, who), signing_in(given.signature)
    return out(await lifting.part_of(desk, part, given.quantity, given.reason, signing))


def _part(row: Any) -> PartOut:
    same = {key: getattr(row, key) for key in ("part", "lot_no", "location", "uom", "placed_at")}
    ended = {key: getattr(row, key) for key in ("ended_at", "ended_by", "end_reason")}
    lifted = None if row.lifted is None else plain(row.lifted)
    return PartOut(**same, **ended, quantity=plain(row.quantity), lifted=lifted)


def _lot(row: Any) -> dict[str, Any]:
    same = {key: getattr(row, key) for key in ("lot_no", "item", "status", "held", "uom", "places")}
    return same | {"in_house": plain(row.quantity)}


def _errands(found: Iterable[Errand]) -> list[ErrandOut]:
    return [
        ErrandOut(
            kind=one.kind,
            place=one.place,
            title=one.title,
            quantity=plain(one.quantity),
            uom=one.uom,
            lots=[lot_no for lot_no, _ in one.lines],
        )
        for one in found
    ]
