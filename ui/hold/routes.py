"""Holding a batch with everything made of it: looked at, done in one act, seen afterwards, lifted by one signature (ISO 13485 8.3.1)."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.frame.doors import Doors
from api.frame.request.paths import LotNumber
from api.process import signed_acts
from api.process.schemas.acts import HoldIn, WhyIn
from models.hold import acts as holding
from models.hold import queries
from models.hold.acts import NO_REASON
from models.hold.messages import LiftHoldAct, PlaceHold
from models.hold.rules import Scope
from models.hold.store import reach
from models.kernel.refusal import Refusal
from models.lot.queries import list as queries_lots
from models.person.rules.roles import Permission
from models.process.sign.signed_act import LIFT_HOLD_ACT
from ui.frame.first_rows import MOST, Folding
from ui.frame.form.forms import Done, once, read, signing_of
from ui.frame.parts import LotRef, hold_act_href
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.hold import view
from ui.hold.page import ActPage, PreviewPage
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
        POST /hold-acts/{hold_act}/lift
    """,
}
ScopeIn = Annotated[Scope, Query()]


@router.get("/lots/{lot_no:path}/hold")
def hold_page(visit: VisitDep, lot_no: LotNumber, scope: ScopeIn = Scope.LOT) -> Response:
    """What holding the batch would be about, with the form that does it."""
    return visit.page(_preview(visit, lot_no, scope))


@router.post("/lots/{lot_no:path}/hold")
async def hold(visit: VisitDep, lot_no: LotNumber, scope: ScopeIn = Scope.LOT) -> Response:
    """Hold it, and show what that was."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.LOT_HOLD)
        if not typed(form, "reason"):
            raise NO_REASON()
        given = read(HoldIn, {"reason": typed(form, "reason"), "scope": scope})
        desk = visit.desk(form)
        command = PlaceHold(
            command_id=desk.command_id(f"hold:{scope}:{lot_no[:80]}"),
            by=desk.by(),
            lot_nos=(lot_no,),
            reason=given.reason,
            scope=given.scope,
        )
        done = (await start.place_hold(desk.client, command)).data
        return hold_act_href(done["hold_act"]), visit.words("hold.did", n=done["held"])

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        page = await run_in_threadpool(_preview, visit, lot_no, scope, (refusal, typed(form, "reason")))
        return visit.page(page, refusal.status)


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
        command = LiftHoldAct(
            command_id=desk.command_id(f"lift-act:{hold_act}"), by=desk.by(), hold_act=hold_act, reason=reason
        )
        done = await signed_acts.lift_hold_act(desk, command, signing_of(form, LIFT_HOLD_ACT))
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


def _act(visit: Visit, hold_act: UUID, refusal: Refusal | None = None, reason: str = "") -> ActPage:
    with visit.reading() as session:
        found, shown = queries.act(session, hold_act, MOST), None
        with suppress(Refusal):
            shown = holding.preview_act(session, hold_act, visit.principal.person_id)
        return view.act(visit.words, found, _folding(visit), shown, refusal, reason)
