"""Receiving material on a page (REQUIREMENTS 27)."""

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.doors import Doors
from api.process.schemas.acts import ReceiveIn
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from models.receipt.messages import ReceiveLot
from ui.frame.form.forms import Done, meant, measured, once
from ui.frame.form.lines import moment
from ui.frame.parts import lot_href
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.lot.page.list import ReceivePage
from ui.lot.view import list as views_lots
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.LOT_RECEIVE: """
        GET /lots/receive
        POST /lots/receive
    """,
}
FIELDS = tuple(ReceiveIn.model_fields)


@router.get("/lots/receive")
def receive_page(visit: VisitDep) -> Response:
    """The form; whoever may not receive sees why before typing anything."""
    return visit.page(_page(visit))


@router.post("/lots/receive")
async def receive(visit: VisitDep) -> Response:
    """Receive the lot and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.LOT_RECEIVE)
        values: dict[str, Any] = {name: typed(form, name) for name in FIELDS}
        values["received_at"] = moment(values["received_at"], visit.principal.zone)
        given = await run_in_threadpool(meant, visit, ReceiveIn, values | measured(values["quantity"], values["uom"]))
        desk = visit.desk(form)
        command = ReceiveLot(command_id=desk.command_id(f"receive:{given.lot_no}"), by=desk.by(), **given.model_dump())
        done = (await start.receive_lot(desk.client, command)).data
        why = (done.get("quarantine") or {}).get(visit.language)
        said = visit.words("receive.quarantined", why=why) if why else visit.words("receive.done")
        return lot_href(given.lot_no), said

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_page, visit, form, refusal), refusal.status)


def _page(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None) -> ReceivePage:
    blocked = None
    try:
        visit.need(Permission.LOT_RECEIVE)
    except Refusal as why:
        blocked = why
    with visit.reading() as session:
        return views_lots.receive(
            visit.words, session, visit.now, blocked=blocked, given=form, refusal=None if blocked else refusal
        )
