"""Batches on pages: the list, one batch, freezing and unfreezing it (REQUIREMENTS 1-5, 54)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.doors import Doors
from api.frame.request.paths import LotNumber
from api.hold import lifting
from api.listing.files import handed_out
from api.lot import wanted_of
from api.process.schemas.acts import WhyIn
from api.register.paths import ItemFilter, SupplierFilter
from models.hold import acts as holding
from models.hold.acts import LIFT_HOLD, NO_REASON
from models.hold.messages import DecideAgain, PlaceHold
from models.hold.queries import lot_of_hold
from models.kernel.refusal import Refusal
from models.listing.acts import views
from models.listing.rules import Asked
from models.lot.queries import list as queries_lots
from models.lot.queries.list import LIST
from models.lot.queries.views import LotPage as Found
from models.lot.rules.lot import LotStatus
from models.person.rules.roles import Permission
from ui.frame.form.forms import Done, once, read, signing_of
from ui.frame.listing import asked_of, href_of, with_views
from ui.frame.parts import lot_href
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.frame.words import frozen_names
from ui.lot.page.lot import LotPage
from ui.lot.view import list as views_lots
from ui.lot.view import lot as views_lot
from ui.lot.view.lot import Refused
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /lots
        GET /lots.csv
        GET /lots/{lot_no:path}
    """,
    Permission.LOT_HOLD: """
        POST /holds/{hold_id}/lift
        GET /holds/{hold_id}/record
        POST /lots/{lot_no:path}/holds
    """,
    Permission.LOT_LIFT: """
        POST /lots/{lot_no:path}/decide-again
    """,
}
Word = Annotated[str, Query(max_length=200)]


@router.get("/lots")
def lots_page(
    visit: VisitDep,
    q: Annotated[str, Query()] = "",
    status: Word = "",
    kind: Word = "",
    item: ItemFilter = None,
    supplier: SupplierFilter = None,
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """The list; an answer that a filter doesn't know finds nothing instead of everything."""
    asked = _asked(visit, q, status, kind, item, supplier)
    refusal: Refusal | None = None
    found = Found(items=(), next=None)
    kept: tuple[views.View, ...] = ()
    try:
        with visit.reading() as session:
            kept = views.of_list(session, visit.principal, LIST.key)
            begin = next((one for one in kept if one.preset), None)
            if begin is not None and not visit.request.query_params:
                return visit.go(href_of(LIST, begin))
            found = queries_lots.listed(session, asked, after=cursor or None)
    except REFUSING as error:
        refusal = visit.refusal(error)
    may = visit.may(Permission.LOT_RECEIVE)
    page = views_lots.lots(visit.words, found, asked, cursor, can_receive=may, refusal=refusal)
    opened = visit.request.query_params.get("view", "")[:40]
    page = replace(page, list=with_views(visit.words, page.list, LIST, {}, asked, kept, opened))
    return visit.page(page, refusal.status if refusal else 200)


@router.get("/lots.csv")
def lots_file(
    visit: VisitDep,
    q: Annotated[str, Query()] = "",
    status: Word = "",
    kind: Word = "",
    item: ItemFilter = None,
    supplier: SupplierFilter = None,
) -> Response:
    """The whole list as a file, in the order and with the filters of the page."""
    visit.need(Permission.RECORD_READ)
    wanted = wanted_of(_asked(visit, q, status, kind, item, supplier), visit.principal.zone, visit.language)
    return handed_out(visit.request, visit.engine, visit.principal, wanted)


def _asked(visit: Visit, q: str, status: str, kind: str, item: str | None, supplier: str | None) -> Asked:
    """What the address asks for; `status=held` is those that are held, whatever they are else."""
    asked = asked_of(visit.request.query_params)
    held = "true" if status == views_lots.HELD else asked.filters.get("held", "")
    said = {"status": status if status in set(LotStatus) else "", "kind": kind, "item": item, "supplier": supplier}
    said |= {"q": q.strip()[:200], "held": held}
    return Asked({name: value for name, value in said.items() if value}, asked.sort, asked.down)


@router.post("/lots/{lot_no:path}/holds")
async def place_hold(visit: VisitDep, lot_no: LotNumber) -> Response:
    """Freeze the batch."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.LOT_HOLD)
        reason = _reason(form)
        desk = visit.desk(form)
        command = PlaceHold(
            command_id=desk.command_id(f"hold:{lot_no[:80]}"), by=desk.by(), lot_nos=(lot_no,), reason=reason
        )
        await start.place_hold(desk.client, command)
        return lot_href(lot_no), visit.words("lot.now_held")

    return await _decide(visit, form, lot_no, "place", act)


@router.post("/holds/{hold_id}/lift")
async def lift_hold(visit: VisitDep, hold_id: UUID) -> Response:
    """Lift one hold."""
    form = await visit.form()
    lot_no = await run_in_threadpool(lot_of_hold, visit.engine, hold_id)

    async def act() -> Done:
        reason = _reason(form)
        desk = visit.desk(form)
        done = await lifting.hold(desk, hold_id, reason, signing_of(form, LIFT_HOLD))
        return lot_href(lot_no), visit.words("lot.now_lifted" if done.data["lifted"] else "lot.now_proposed")

    return await _decide(visit, form, lot_no, str(hold_id), act)


@router.post("/lots/{lot_no:path}/decide-again")
async def decide_again(visit: VisitDep, lot_no: LotNumber) -> Response:
    """Ask for a newer release decision."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.LOT_LIFT)
        reason = _reason(form)
        desk = visit.desk(form)
        command = DecideAgain(
            command_id=desk.command_id(f"decide-again:{lot_no[:80]}"), by=desk.by(), lot_no=lot_no, reason=reason
        )
        await start.decide_again(desk.client, command)
        return lot_href(lot_no), visit.words("lot.now_decided_again")

    return await _decide(visit, form, lot_no, "again", act)


@router.get("/holds/{hold_id}/record")
def lift_record(visit: VisitDep, hold_id: UUID) -> Response:
    """The canonical text that lifting a hold is signed on, byte for byte."""
    with visit.reading() as session:
        return Response(
            holding.preview(session, hold_id, visit.principal.person_id).canonical, media_type="application/json"
        )


@router.get("/lots/{lot_no:path}")
def lot_page(visit: VisitDep, lot_no: LotNumber) -> Response:
    """One batch; an unknown number is a page of its own with the sentence."""
    return visit.page(lot_page_of(visit, lot_no))


def _reason(form: FormData) -> str:
    if not typed(form, "reason"):
        raise NO_REASON()
    return read(WhyIn, {"reason": typed(form, "reason")}).reason


async def _decide(
    visit: Visit, form: FormData, lot_no: str, where: str, act: Callable[[], Awaitable[Done]]
) -> Response:
    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        refused = Refused(refusal=refusal, where=where, typed=typed(form, "reason"))
        return visit.page(await run_in_threadpool(lot_page_of, visit, lot_no, refused), refusal.status)


def lot_page_of(visit: Visit, lot_no: str, refused: Refused | None = None) -> LotPage:
    """The batch's page, perhaps with what was refused on it."""
    with visit.reading() as session:
        known = views_lot.read(session, visit.principal, lot_no)
        page = views_lot.page(visit.words, visit.principal, known, visit.now, refused)
        return frozen_names.read(session, page, "timeline", "open_items", "matrix", "signatures")
