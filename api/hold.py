"""Acts of quality that hold goods: what one would be about before it is done, what it was afterwards, all of it lifted (ISO 13485 8.3.1)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.requests import Request

from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.paths import LotNumber
from api.process import signed_acts
from api.process.acts import Desk
from api.process.routes.acts import out, signed_act, signing_in
from api.process.schemas.acts import LiftIn, LiftPartIn, ReceiptOut, SignedActOut
from models.hold import acts as holding
from models.hold import queries, rules
from models.hold.messages import LiftHoldAct, LiftHoldPart
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

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/hold-acts/{hold_act}
        GET /api/v1/lots/{lot_no:path}/holds/preview
    """,
    Permission.LOT_LIFT: """
        GET /api/v1/hold-acts/{hold_act}/record
        POST /api/v1/hold-acts/{hold_act}/lift
        GET /api/v1/hold-parts/{part}/record
        POST /api/v1/hold-parts/{part}/lift
    """,
}
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
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


class BeyondOut(BaseModel):
    """So much of a batch that can't be held, and where it is: a shipment and its customer, the batch that it was made into, or nowhere."""

    lot_no: str
    why: Literal["customer", "in_transit", "made_into", "scrapped", "sampled"]
    number: str | None
    place: str | None
    place_en: str | None
    quantity: str | None
    uom: str


class ErrandOut(BaseModel):
    """A place where held goods aren't on a shelf: somebody is sent there."""

    kind: Literal["shipment", "work_order", "location"]
    place: str
    title: str
    quantity: str
    uom: str
    lots: list[str]


class LotOut(BaseModel):
    """A batch within the reach of an act."""

    lot_no: str
    item: str
    status: str
    held: bool
    in_house: str
    uom: str
    places: str | None


class BrokenOut(BaseModel):
    """A planned shipment that what is left free can't serve: `lacking` of `quantity`."""

    shipment_no: str
    customer: str
    customer_en: str | None
    quantity: str
    lacking: str
    uom: str


class PartReachOut(BaseModel):
    """What holding so much at a place would be about: what lies `there`, what of it is held or packed, and what is `left` of the batch."""

    location: str
    quantity: str
    there: str
    held: str
    packed: str
    left: str
    uom: str
    broken: list[BrokenOut]


class PartOut(BaseModel):
    """So much of a batch that an act holds, or held until it was lifted or brought elsewhere (`ended_at`); `lifted` of it was let go of."""

    part: UUID
    lot_no: str
    location: str
    quantity: str
    uom: str
    placed_at: datetime
    lifted: str | None
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None


class ReachOut(BaseModel):
    """What holding would be about; `held` of the batches somebody holds already, and `sends` is false where the plant sends nobody.

    Of a quantity at a place `part` says what that leaves.
    """

    scope: Scope
    count: int
    held: int
    places: int
    in_house: dict[str, str]
    lots: list[LotOut]
    errands: list[ErrandOut]
    sends: bool
    beyond: list[BeyondOut]
    part: PartReachOut | None = None


class HeldOut(LotOut):
    """A batch that an act held; `later` where it was made of held goods afterwards."""

    hold: UUID
    placed_at: datetime
    later: bool
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None


class HoldActOut(BaseModel):
    """One act: `held` batches in all, `open` of them still; `beyond` is what it could not hold, as it was then.

    An act that holds a quantity has its `parts`, and in `broken` the planned shipments that it left nothing for.
    """

    hold_act: UUID
    scope: Scope
    named: list[str]
    reason: str
    placed_by: str
    placed_at: datetime
    held: int
    open: int
    lots: list[HeldOut]
    beyond: list[BeyondOut]
    errands: list[ErrandOut]
    parts: list[PartOut]
    broken: list[BrokenOut]


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


@router.get("/hold-acts/{hold_act}/record")
def act_record(request: Request, who: Lifter, hold_act: UUID) -> SignedActOut:
    """What lifting all that the act still holds is signed on; refuses what lifting it would refuse."""
    with reading(engine(request)) as session:
        return signed_act(holding.preview_act(session, hold_act, who.person_id))


@router.post("/hold-acts/{hold_act}/lift")
async def lift_act(request: Request, who: Lifter, hold_act: UUID, given: LiftIn) -> ReceiptOut:
    """Lift all that the act still holds, by one signature."""
    desk = Desk.of(request, who)
    command = LiftHoldAct(
        command_id=desk.command_id(f"lift-act:{hold_act}"), by=desk.by(), hold_act=hold_act, reason=given.reason
    )
    return out(await signed_acts.lift_hold_act(desk, command, signing_in(given.signature)))


@router.get("/hold-parts/{part}/record")
def part_record(request: Request, who: Lifter, part: UUID, quantity: QuantityIn = None) -> SignedActOut:
    """What lifting a quantity that is held, or so much of it, is signed on; refuses what lifting it would refuse."""
    with reading(engine(request)) as session:
        return signed_act(holding.preview_part(session, part, quantity, who.person_id))


@router.post("/hold-parts/{part}/lift")
async def lift_part(request: Request, who: Lifter, part: UUID, given: LiftPartIn) -> ReceiptOut:
    """Lift a quantity that is held, or so much of it, signed; the rest goes on being held under a part of its own."""
    desk = Desk.of(request, who)
    command = LiftHoldPart(
        command_id=desk.command_id(f"lift-part:{part}"),
        by=desk.by(),
        part=part,
        quantity=given.quantity,
        reason=given.reason,
    )
    return out(await signed_acts.lift_hold_part(desk, command, signing_in(given.signature)))


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
