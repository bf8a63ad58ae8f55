"""A change asked for by page (ISO 13485 7.3.9; REQUIREMENTS 45)."""

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.change import OpenChangeIn
from api.frame.doors import Doors
from models.change.messages import OpenChange
from models.change.rules import FIRST_STEPS
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from models.process import kinds
from ui.change.page import AskPage
from ui.frame.form.forms import Done, Sheet, meant, once
from ui.frame.parts import Draft, Option
from ui.frame.visit import REFUSING, Visit, VisitDep, new_key, typed
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.CHANGE_OPEN: """
        GET /changes/new
        POST /changes/new
    """,
}
FIELDS = tuple(OpenChangeIn.model_fields)


@router.get("/changes/new")
def ask_page(visit: VisitDep) -> Response:
    """The form."""
    return visit.page(_asking(visit))


@router.post("/changes/new")
async def ask(visit: VisitDep) -> Response:
    """Put it on record and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.CHANGE_OPEN)
        values: dict[str, Any] = {name: typed(form, name) for name in FIELDS}
        values["lot_nos"] = typed(form, "lot_nos").replace("，", " ").replace(",", " ").split()
        values["title_en"] = values["title"] if visit.language == "en" else ""
        values["first_step"] = values["first_step"] or FIRST_STEPS[0]
        values["first_seq"] = values["first_seq"] or 0
        given = await run_in_threadpool(meant, visit, OpenChangeIn, values)
        desk = visit.desk(form)
        command = OpenChange(command_id=desk.command_id("open"), by=desk.by(), **given.model_dump())
        done = (await start.ask(desk.client, command)).data
        return f"/subjects/{done['subject']}", visit.words("change.asked", number=done["number"])

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_asking, visit, form, refusal), refusal.status)


def _asking(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None) -> AskPage:
    blocked = None
    try:
        visit.need(Permission.CHANGE_OPEN)
    except Refusal as why:
        blocked = why
    words, sheet = visit.words, Sheet(visit.words, form, None if blocked else refusal)
    what = tuple(Option(value=one.kind, label=one.title.say(words.language)) for one in kinds.changeable())
    steps = tuple(Option(value=one, label=words(f"change.step_{one}")) for one in FIRST_STEPS)
    return AskPage(
        fields=(
            sheet.field("title", words("change.title"), help=words("change.title_help"), required=True),
            sheet.field("reason", words("change.reason"), "long_text", required=True),
            sheet.field("kind", words("change.kind"), "choice", options=what, required=True),
            sheet.field("target", words("change.target"), help=words("change.target_help"), required=True),
            sheet.field(
                "first_step", words("change.first_step"), "choice", FIRST_STEPS[0], options=steps,
                help=words("change.first_step_help"),
            ),
            sheet.field("first_seq", words("change.first_seq"), "integer", help=words("change.first_seq_help")),
            sheet.field("lot_nos", words("change.lots"), help=words("change.lots_help")),
        ),
        refusal=None if blocked else refusal,
        blocked=blocked,
        draft=Draft(key="ask-change"),
        command_key=new_key(),
    )  # fmt: skip
