"""The board of CAPAs, one opened by hand, which batches one is about, and cases that are alike (ISO 13485 8.5.2, 8.5.3)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.capa import AddToScopeIn, CapaNumber, EndScopeIn, OpenCapaIn, SimilarIn
from api.frame.case_paper import case_paper
from api.frame.doors import Doors
from models.capa.messages import AddToScope, ConfirmSimilar, EndScope, OpenCapa
from models.capa.paper import case
from models.capa.store import similar
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from models.plant.queries import choices
from ui.capa import board, scope
from ui.capa.alike import in_common
from ui.capa.page import OpenPage, ScopePage, SimilarPage
from ui.frame.form.forms import Done, Sheet, meant, once
from ui.frame.parts import Draft, Fact, Option
from ui.frame.visit import REFUSING, Visit, VisitDep, new_key, typed
from ui.lot.view.list import KINDS as LOT_KINDS
from ui.lot.view.list import choice, item_options
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /capas
        GET /capas/{number:path}/scope
        GET /capas/{number:path}/pdf
        GET /similar
    """,
    Permission.CAPA_OPEN: """
        GET /capas/new
        POST /capas/new
        POST /capas/{number:path}/scope
        POST /capas/{number:path}/scope/end
        POST /similar
    """,
}
Asked = Annotated[str, Query(max_length=200)]
FIELDS = tuple(OpenCapaIn.model_fields)


@router.get("/capas")
def board_page(visit: VisitDep, show: Asked = "", phase: Asked = "") -> Response:
    """What is open by the step that it waits in, or the cases behind a figure."""
    with visit.reading() as session:
        may = visit.may(Permission.CAPA_OPEN)
        return visit.page(board.page(visit.words, session, visit.now, show=show, phase=phase, can_open=may))


@router.get("/capas/{number:path}/scope")
def scope_page(visit: VisitDep, number: CapaNumber, after: Asked = "") -> Response:
    """Which batches it is about."""
    with visit.reading() as session:
        return visit.page(scope.page(visit, session, number, after=after))


@router.get("/capas/{number:path}/pdf")
def paper(visit: VisitDep, number: CapaNumber) -> Response:
    """The whole case on paper."""
    visit.need(Permission.RECORD_READ)
    return case_paper(visit.engine, number, case)


@router.post("/capas/{number:path}/scope")
async def add_to_scope(visit: VisitDep, number: CapaNumber) -> Response:
    """It is about a batch and its relatives too."""
    return await _scoped(visit, number, AddToScopeIn, AddToScope, "scope", "capa.scope_added")


@router.post("/capas/{number:path}/scope/end")
async def end_scope(visit: VisitDep, number: CapaNumber) -> Response:
    """It isn't about a batch after all."""
    return await _scoped(visit, number, EndScopeIn, EndScope, "scope-end", "capa.scope_ended")


async def _scoped(visit: Visit, number: str, shape: Any, command: Any, about: str, notice: str) -> Response:
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.CAPA_OPEN)
        values = {name: typed(form, name) for name in shape.model_fields if typed(form, name)}
        given = await run_in_threadpool(meant, visit, shape, {"reason": "", **values})
        desk = visit.desk(form)
        said = command(command_id=desk.command_id(about), by=desk.by(), number=number, **given.model_dump())
        done = (await start.ask(desk.client, said)).data
        return scope.scope_href(number), visit.words(notice, lot=done["lot"])

    def again(refusal: Refusal) -> ScopePage:
        with visit.reading() as session:
            return scope.page(visit, session, number, form=form, refusal=refusal)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(again, refusal), refusal.status)


@router.get("/similar")
def similar_page(visit: VisitDep, number: Asked = "", other: Asked = "") -> Response:
    """Two cases side by side, before somebody says that they are alike."""
    return visit.page(_similar(visit, number, other))


@router.post("/similar")
async def confirm_similar(visit: VisitDep) -> Response:
    """They are alike; back to the page of the first."""
    form = await visit.form()
    number, like = typed(form, "number"), typed(form, "like")

    async def act() -> Done:
        visit.need(Permission.CAPA_OPEN)
        given = await run_in_threadpool(
            meant, visit, SimilarIn, {"number": number, "like": like, "because": typed(form, "because")}
        )
        desk = visit.desk(form)
        command = ConfirmSimilar(command_id=desk.command_id("similar"), by=desk.by(), **given.model_dump())
        done = (await start.ask(desk.client, command)).data
        return f"/subjects/{done['subject']}", visit.words("capa.alike_done", number=number, like=like)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_similar, visit, number, like, form, refusal), refusal.status)


def _similar(
    visit: Visit, number: str, like: str, form: FormData | None = None, refusal: Refusal | None = None
) -> SimilarPage:
    blocked = None
    try:
        visit.need(Permission.CAPA_OPEN)
    except Refusal as why:
        blocked = why
    words, sheet = visit.words, Sheet(visit.words, form, refusal)
    with visit.reading() as session:
        known = similar.pair(session, number, like, visit.now)
    facts = [
        Fact(
            label=one.kind_title.say(words.language), text=f"{one.number} {one.title}", href=f"/subjects/{one.subject}"
        )
        for one in known.two
    ]
    said = in_common(words, known.reasons) if known.reasons else words("capa.alike_nothing")
    return SimilarPage(
        number=number,
        like=like,
        facts=(*facts, Fact(label=words("capa.alike_by"), text=said)),
        fields=(sheet.field("because", words("capa.alike_because"), "long_text"),),
        refusal=None if blocked else refusal,
        blocked=blocked,
        command_key=new_key(),
    )


@router.get("/capas/new")
def open_page(visit: VisitDep, nonconformance: str = "") -> Response:
    """The form; a finding whose page was left for it stands in it already."""
    return visit.page(_opening(visit, nonconformance=nonconformance[:200]))


@router.post("/capas/new")
async def open_(visit: VisitDep) -> Response:
    """Put it on record and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.CAPA_OPEN)
        values: dict[str, Any] = {name: typed(form, name) for name in FIELDS}
        values["nonconformances"] = typed(form, "nonconformances").replace("，", " ").replace(",", " ").split()
        values["title_en"] = values["title"] if visit.language == "en" else ""
        given = await run_in_threadpool(meant, visit, OpenCapaIn, values)
        desk = visit.desk(form)
        command = OpenCapa(command_id=desk.command_id("open"), by=desk.by(), **given.model_dump())
        done = (await start.ask(desk.client, command)).data
        return f"/subjects/{done['subject']}", visit.words("capa.opened", number=done["number"])

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_opening, visit, form, refusal), refusal.status)


def _opening(
    visit: Visit, form: FormData | None = None, refusal: Refusal | None = None, *, nonconformance: str = ""
) -> OpenPage:
    blocked = None
    try:
        visit.need(Permission.CAPA_OPEN)
    except Refusal as why:
        blocked = why
    with visit.reading() as session:
        return _page(visit, session, form, None if blocked else refusal, blocked, nonconformance)


def _page(
    visit: Visit,
    session: Session,
    form: FormData | None,
    refusal: Refusal | None,
    blocked: Refusal | None,
    nonconformance: str,
) -> OpenPage:
    words, sheet = visit.words, Sheet(visit.words, form, refusal)
    suppliers = tuple(
        Option(value=one.supplier_no, label=f"{one.name} · {one.supplier_no}") for one in choices.suppliers(session)
    )
    return OpenPage(
        fields=(
            sheet.field("title", words("capa.title"), help=words("capa.title_help"), required=True),
            sheet.field(
                "nonconformances", words("capa.findings"), "text", nonconformance, help=words("capa.findings_help")
            ),
            choice(sheet, "item_no", words("lot.item"), item_options(session, *LOT_KINDS)),
            choice(sheet, "supplier_no", words("nonconformance.supplier"), suppliers),
        ),
        refusal=refusal,
        blocked=blocked,
        draft=Draft(key="open-capa"),
        command_key=new_key(),
    )
