"""A CAPA opened by hand (ISO 13485 8.5.2, 8.5.3)."""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.capa import OpenCapaIn
from api.frame.doors import Doors
from models.capa.messages import OpenCapa
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from models.plant.queries import choices
from ui.capa.page import OpenPage
from ui.frame.form.forms import Done, Sheet, meant, once
from ui.frame.parts import Draft, Option
from ui.frame.visit import REFUSING, Visit, VisitDep, new_key, typed
from ui.lot.view.list import KINDS as LOT_KINDS
from ui.lot.view.list import choice, item_options
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.CAPA_OPEN: """
        GET /capas/new
        POST /capas/new
    """,
}
FIELDS = tuple(OpenCapaIn.model_fields)


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
