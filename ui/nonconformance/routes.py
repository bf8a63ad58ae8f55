"""Quality on a page: everything that waits for a decision or is not as it should be."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.case_paper import case_paper
from api.frame.doors import Doors
from api.frame.request.paths import LotFilter
from api.listing.files import handed_out
from api.nonconformance import NonconformanceNumber, RaiseIn, wanted_of
from models.kernel.refusal import Refusal
from models.listing.rules import Asked
from models.nonconformance.messages import RaiseNonconformance
from models.nonconformance.paper import finding
from models.nonconformance.queries import list as listed
from models.person.rules.roles import Permission
from ui.frame.form.forms import Done, meant, measured, once
from ui.frame.form.lines import moment
from ui.frame.listing import asked_of
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.listing import plain
from ui.nonconformance import listed as rows
from ui.nonconformance import raising
from ui.nonconformance import view as views_quality
from ui.nonconformance.page import RaisePage
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /quality
        GET /nonconformances
        GET /nonconformances.csv
        GET /nonconformances/{number:path}/pdf
    """,
    Permission.NONCONFORMANCE_RAISE: """
        GET /nonconformances/new
        POST /nonconformances/new
    """,
}
FIELDS = tuple(RaiseIn.model_fields)


@router.get("/quality")
def quality(visit: VisitDep) -> Response:
    """Open releases and inspections, nonconformances, holds, failed inspections."""
    with visit.reading() as session:
        return visit.page(
            views_quality.page(
                visit.words,
                session,
                visit.now,
                visit.principal.zone,
                can_recall=visit.may(Permission.RECALL_RUN),
                can_raise=visit.may(Permission.NONCONFORMANCE_RAISE),
                can_open_capa=visit.may(Permission.CAPA_OPEN),
                can_ask_change=visit.may(Permission.CHANGE_OPEN),
            )
        )


@router.get("/nonconformances")
def every(visit: VisitDep, cursor: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """All of them, sorted and narrowed as the address says."""
    visit.need(Permission.RECORD_READ)

    def find(session: Session, asked: Asked) -> plain.Found:
        found = listed.page(session, asked, visit.principal.zone, after=cursor or None)
        return found.items, found.next

    made = plain.page(visit, listed.LIST, find, partial(rows.row, visit.language), cursor)
    return visit.go(made) if isinstance(made, str) else visit.page(made, made.refusal.status if made.refusal else 200)


@router.get("/nonconformances.csv")
def every_file(visit: VisitDep) -> Response:
    """The whole list as a file, in the order and with the filters of the page."""
    visit.need(Permission.RECORD_READ)
    wanted = wanted_of(asked_of(visit.request.query_params), visit.principal.zone, visit.language)
    return handed_out(visit.request, visit.engine, visit.principal, wanted)


@router.get("/nonconformances/{number:path}/pdf")
def paper(visit: VisitDep, number: NonconformanceNumber) -> Response:
    """The finding and all of its review on paper."""
    visit.need(Permission.RECORD_READ)
    return case_paper(visit.engine, number, finding)


@router.get("/nonconformances/new")
def raise_page(visit: VisitDep, lot: LotFilter = None) -> Response:
    """The form; a batch whose page was left for it stands in it already."""
    return visit.page(_raising(visit, lot=lot or ""))


@router.post("/nonconformances/new")
async def raise_(visit: VisitDep) -> Response:
    """Put it on record and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.NONCONFORMANCE_RAISE)
        values: dict[str, Any] = {name: typed(form, name) for name in FIELDS}
        values["files"] = raising.digests(form)
        values["title_en"] = values["title"] if visit.language == "en" else ""
        values["happened_at"] = moment(values["happened_at"], visit.principal.zone)
        given = await run_in_threadpool(meant, visit, RaiseIn, values | measured(values["quantity"], values["uom"]))
        desk = visit.desk(form)
        command = RaiseNonconformance(command_id=desk.command_id("raise"), by=desk.by(), **given.model_dump())
        done = (await start.ask(desk.client, command)).data
        return f"/subjects/{done['subject']}", visit.words("nonconformance.raised", number=done["number"])

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_raising, visit, form, refusal), refusal.status)


def _raising(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None, *, lot: str = "") -> RaisePage:
    blocked = None
    try:
        visit.need(Permission.NONCONFORMANCE_RAISE)
    except Refusal as why:
        blocked = why
    with visit.reading() as session:
        return raising.page(
            visit.words,
            session,
            visit.request.app.state.settings.attachment_mb,
            lot=lot,
            blocked=blocked,
            given=form,
            refusal=None if blocked else refusal,
        )
