"""The operator's page: look at faults and undelivered facts, have them done again or leave them (DESIGN 6a)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.fault import acts as operating
from api.fault.schemas import ClockMoveInput
from api.frame.deps import zone_of
from api.frame.doors import Doors
from api.person.schemas.people import ReasonInput
from api.process.acts import Desk
from models.clock.store import clocks, moved_clock
from models.fault import queries as queries_faults
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from ui.fault import view as views
from ui.fault.page import OperationPage
from ui.frame import record_time
from ui.frame.form.forms import Done, once, read
from ui.frame.visit import REFUSING, Visit, VisitDep, typed

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.FAULT_SETTLE: """
        GET /operation
        POST /operation/clock
        POST /operation/faults/{fault}/dismiss
        POST /operation/faults/{fault}/retry
        POST /operation/undelivered/{fact}/dismiss
        POST /operation/undelivered/{fact}/retry
    """,
}

DIFFERENCES = 10
"""As often as the clocks' last differences are shown; the audit trail has all."""


@router.get("/operation")
def operation(visit: VisitDep) -> Response:
    """What waits for an operator."""
    visit.need(Permission.FAULT_SETTLE)
    return visit.page(_page(visit))


@router.post("/operation/faults/{fault}/retry")
async def retry(visit: VisitDep, fault: UUID) -> Response:
    """Have the act done again."""

    async def do(desk: Desk, _: FormData) -> str:
        await operating.retry(desk, fault)
        return visit.words("fault.was_done")

    return await _change(visit, do)


@router.post("/operation/faults/{fault}/dismiss")
async def dismiss(visit: VisitDep, fault: UUID) -> Response:
    """Leave it, with a reason."""

    async def do(desk: Desk, form: FormData) -> str:
        await run_in_threadpool(operating.dismiss, desk, fault, _reason(form))
        return visit.words("fault.was_left")

    return await _change(visit, do)


@router.post("/operation/clock")
async def move_clock(visit: VisitDep) -> Response:
    """Move a test home's clock forward; refused in every other home."""

    async def do(_: Desk, form: FormData) -> str:
        given = read(ClockMoveInput, {"to": typed(form, "to"), "reason": typed(form, "reason")})
        await run_in_threadpool(operating.move_clock, visit.engine, visit.principal, given.to, given.reason)
        return visit.words("fault.clock_moves")

    return await _change(visit, do)


@router.post("/operation/undelivered/{fact}/retry")
async def deliver_again(visit: VisitDep, fact: UUID) -> Response:
    """Have a fact tried again."""

    async def do(desk: Desk, _: FormData) -> str:
        await run_in_threadpool(operating.deliver_again, desk, fact)
        return visit.words("fault.is_tried")

    return await _change(visit, do)


@router.post("/operation/undelivered/{fact}/dismiss")
async def leave_undelivered(visit: VisitDep, fact: UUID) -> Response:
    """Leave a fact undelivered, with a reason."""

    async def do(desk: Desk, form: FormData) -> str:
        await run_in_threadpool(operating.leave_undelivered, desk, fact, _reason(form))
        return visit.words("fault.was_left")

    return await _change(visit, do)


def _reason(form: FormData) -> str:
    return read(ReasonInput, {"reason": typed(form, "reason")}).reason


def _page(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None) -> OperationPage:
    with visit.reading() as session:
        found = queries_faults.operation(session)
        seen, differences = clocks.read(session).clocks, clocks.differences(session, DIFFERENCES)
        moved = moved_clock.read(session) if record_time.in_test_home(visit.request) else None
    given = form if form is not None and "to" in form else None
    clock = views.clock_form(visit.words, moved, given, refusal) if moved is not None else None
    return views.page(visit.words, found, seen, differences, zone_of(visit.principal), clock)


async def _change(visit: Visit, do: Callable[[Desk, FormData], Awaitable[str]]) -> Response:
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.FAULT_SETTLE)
        return views.HERE, await do(visit.desk(form), form)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        page = replace(await run_in_threadpool(_page, visit, form, refusal), refusal=refusal)
        return visit.page(page, refusal.status)
