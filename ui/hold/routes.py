"""Holding a batch with everything made of it: looked at, done in one act, seen afterwards, lifted by one signature (ISO 13485 8.3.1)."""

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.frame.doors import Doors
from api.frame.request.paths import LotNumber
from api.hold import lifting
from api.process.schemas.acts import HoldIn, WhyIn
from models.hold import acts as holding
from models.hold import queries, rules
from models.hold.acts import LIFT_HOLD_ACT, LIFT_HOLD_PART, NO_REASON
from models.hold.messages import PlaceHold
from models.hold.rules import Scope
from models.hold.store import parts, reach
from models.kernel.refusal import Refusal
from models.lot.queries import list as queries_lots
from models.lot.store import lots
from models.person.rules.roles import Permission
from ui.frame.first_rows import MOST, Folding
from ui.frame.form.forms import Done, meant, once, read, signing_of
from ui.frame.parts import LotRef, hold_act_href
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.frame.words.numbers import quantity as said_quantity
from ui.hold import part_view, view
from ui.hold.page import ActPage, PreviewPage
from ui.hold.part_page import PartLiftPage, PartPreviewPage
from ui.lot.mark import lot_mark
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /hold-acts/{hold_act}
    """,
    Permission.LOT_HOLD: """
        GET /lots/{lot_no:path}/hold
        POST /lots/{lot_no:path}/hold
    """,
    Permission.LOT_LIFT: """
        GET /hold-acts/{hold_act}/record
        GET /hold-parts/{part}
        GET /hold-parts/{part}/record
        POST /hold-acts/{hold_act}/lift
        POST /hold-parts/{part}/lift
    """,
}
ScopeIn = Annotated[Scope, Query()]
TextIn = Annotated[str, Query(max_length=100)]


@router.get("/lots/{lot_no:path}/hold")
def hold_page(
    visit: VisitDep, lot_no: LotNumber, scope: ScopeIn = Scope.LOT, location: TextIn = "", quantity: TextIn = ""
) -> Response:
    """What holding the batch, or so much of it at a place, would be about, with the form that does it."""
    if scope is not Scope.PLACE:
        return visit.page(_preview(visit, lot_no, scope))
    page = _part_preview(visit, lot_no, part_view.Asked(location, quantity))
    return visit.page(page, page.refusal.status if page.refusal else 200)


@router.post("/lots/{lot_no:path}/hold")
async def hold(
    visit: VisitDep, lot_no: LotNumber, scope: ScopeIn = Scope.LOT, location: TextIn = "", quantity: TextIn = ""
) -> Response:
    """Hold it, and show what that was."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.LOT_HOLD)
        if not typed(form, "reason"):
            raise NO_REASON()
        asked = {"reason": typed(form, "reason"), "scope": scope, "location": location, "quantity": quantity}
        given = await run_in_threadpool(meant, visit, HoldIn, asked, lot_no)
        desk = visit.desk(form)
        command = PlaceHold(
            command_id=desk.command_id(f"hold:{scope}:{lot_no[:80]}"),
            by=desk.by(),
            lot_nos=(lot_no,),
            **given.model_dump(exclude={"scanned"}),
        )
        done = (await start.place_hold(desk.client, command)).data
        said = visit.words("hold.did", n=done["held"])
        if given.quantity is not None:
            said = visit.words("hold.part_did", much=said_quantity(visit.words, given.quantity, done["uom"]))
        return hold_act_href(done["hold_act"]), said

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal, why = visit.refusal(error), typed(form, "reason")
        if scope is Scope.PLACE:
            asked = part_view.Asked(location, quantity, why, refusal)
            return visit.page(await run_in_threadpool(_part_preview, visit, lot_no, asked), refusal.status)
        page = await run_in_threadpool(_preview, visit, lot_no, scope, (refusal, why))
        return visit.page(page, refusal.status)


@router.get("/hold-parts/{part}")
def part_page(visit: VisitDep, part: UUID, quantity: TextIn = "") -> Response:
    """What lifting a quantity that is held, or so much of it, would be signed on."""
    page = _part(visit, part, part_view.Asked(quantity=quantity))
    return visit.page(page, page.refusal.status if page.refusal else 200)


@router.get("/hold-parts/{part}/record")
def part_record(visit: VisitDep, part: UUID, quantity: TextIn = "") -> Response:
    """The canonical text that lifting it is signed on, byte for byte."""
    with visit.reading() as session:
        shown = holding.preview_part(session, part, _much(quantity), visit.principal.person_id)
    return Response(shown.canonical, media_type="application/json")


@router.post("/hold-parts/{part}/lift")
async def lift_part(visit: VisitDep, part: UUID, quantity: TextIn = "") -> Response:
    """Lift so much of it."""
    form = await visit.form()

    async def act() -> Done:
        if not typed(form, "reason"):
            raise NO_REASON()
        desk, reason = visit.desk(form), read(WhyIn, {"reason": typed(form, "reason")}).reason
        done = await lifting.part_of(desk, part, _much(quantity), reason, signing_of(form, LIFT_HOLD_PART))
        return hold_act_href(done.data["hold_act"]), visit.words(
            "hold.part_now_lifted", much=said_quantity(visit.words, Decimal(done.data["lifted"]), done.data["uom"])
        )

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        asked = part_view.Asked(quantity=quantity, reason=typed(form, "reason"), refusal=refusal)
        return visit.page(await run_in_threadpool(_part, visit, part, asked), refusal.status)


@router.get("/hold-acts/{hold_act}")
def act_page(visit: VisitDep, hold_act: UUID) -> Response:
    """One act."""
    return visit.page(_act(visit, hold_act))


@router.get("/hold-acts/{hold_act}/record")
def act_record(visit: VisitDep, hold_act: UUID) -> Response:
    """The canonical text that lifting all of it is signed on, byte for byte."""
    with visit.reading() as session:
        shown = holding.preview_act(session, hold_act, visit.principal.person_id)
    return Response(shown.canonical, media_type="application/json")


@router.post("/hold-acts/{hold_act}/lift")
async def lift(visit: VisitDep, hold_act: UUID) -> Response:
    """Lift all that it still holds."""
    form = await visit.form()

    async def act() -> Done:
        if not typed(form, "reason"):
            raise NO_REASON()
        desk, reason = visit.desk(form), read(WhyIn, {"reason": typed(form, "reason")}).reason
        done = await lifting.whole_act(desk, hold_act, reason, signing_of(form, LIFT_HOLD_ACT))
        return hold_act_href(hold_act), visit.words("hold.now_lifted", n=done.data["lifted"])

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        page = await run_in_threadpool(_act, visit, hold_act, refusal, typed(form, "reason"))
        return visit.page(page, refusal.status)


def _folding(visit: Visit) -> Folding:
    url = visit.request.url
    return Folding.of(f"{url.path.removesuffix('/lift')}?{url.query}")


def _preview(visit: Visit, lot_no: str, scope: Scope, refused: tuple[Refusal | None, str] = (None, "")) -> PreviewPage:
    with visit.reading() as session:
        _, lot = queries_lots.one(session, lot_no)
        found = reach.of(session, [lot_no], scope, MOST)
        ref = LotRef(lot_no=lot.lot_no, mark=lot_mark(lot.status, held=lot.held, expired=lot.expired), item=lot.item)
        return view.preview(visit.words, ref, scope, found, _folding(visit), refused)


def _part_preview(visit: Visit, lot_no: str, asked: part_view.Asked) -> PartPreviewPage:
    """What is typed may be wrong: that stands beside it, and nothing is offered to be done."""
    with visit.reading() as session:
        _, lot = queries_lots.one(session, lot_no)
        row = lots.get(session, lot_no)
        ref = LotRef(lot_no=lot_no, mark=lot_mark(lot.status, held=lot.held, expired=lot.expired), item=lot.item)
        found = None
        if asked.location or asked.quantity:
            try:
                much = _much(asked.quantity)
                rules.check_reach(Scope.PLACE, 1, asked.location, much)
                found = parts.of(session, row, asked.location, much or Decimal(0))
            except Refusal as refusal:
                asked = replace(asked, refusal=refusal)
        return part_view.preview(visit.words, ref, row.uom, parts.places_of(session, row.id), found, asked)


def _part(visit: Visit, part: UUID, asked: part_view.Asked) -> PartLiftPage:
    with visit.reading() as session:
        row, shown, much = parts.one(session, part), None, None
        try:
            much = _much(asked.quantity)
            shown = holding.preview_part(session, part, much, visit.principal.person_id)
        except Refusal as refusal:
            asked = replace(asked, refusal=asked.refusal or refusal)
        return part_view.lifting(visit.words, row, shown, much, asked)


def _much(typed_: str) -> Decimal | None:
    """The quantity that was typed; none where nothing was."""
    if not typed_.strip():
        return None
    try:
        return Decimal(typed_.strip())
    except InvalidOperation as error:
        raise rules.NOT_SO_MUCH() from error


def _act(visit: Visit, hold_act: UUID, refusal: Refusal | None = None, reason: str = "") -> ActPage:
    with visit.reading() as session:
        found, shown = queries.act(session, hold_act, MOST), None
        with suppress(Refusal):
            shown = holding.preview_act(session, hold_act, visit.principal.person_id)
        may_lift = visit.principal.may(Permission.LOT_LIFT)
        return view.act(visit.words, found, _folding(visit), shown, refusal, reason, may_lift=may_lift)
