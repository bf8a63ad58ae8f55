"""A change asked for by page (ISO 13485 7.3.9; REQUIREMENTS 45)."""

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.change import ChangeNumber, DoneAlreadyIn, OpenChangeIn
from api.frame.doors import Doors
from api.frame.request.paths import LotNumber
from models.change.messages import OpenChange
from models.change.rules import FIRST_STEPS
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from models.process import kinds
from models.process.store import named_answers
from ui.change import versions
from ui.change.page import AskPage
from ui.frame.form.forms import Done, Sheet, meant, once
from ui.frame.form.lines import moment
from ui.frame.parts import Draft, FormField, Option
from ui.frame.visit import REFUSING, Visit, VisitDep, new_key, typed
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /changes/{number:path}/batches
        GET /lots/{lot_no:path}/versions
    """,
    Permission.CHANGE_OPEN: """
        GET /changes/new
        POST /changes/new
        GET /changes/emergency
        POST /changes/emergency
    """,
}
FIELDS = tuple(one for one in OpenChangeIn.model_fields if one not in {"already", "temporary"})
ALREADY = tuple(DoneAlreadyIn.model_fields)


@router.get("/changes/new")
def ask_page(visit: VisitDep) -> Response:
    """The form."""
    return visit.page(_asking(visit))


@router.post("/changes/new")
async def ask(visit: VisitDep) -> Response:
    """Put it on record and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        until, batches = typed(form, "until"), typed(form, "batches")
        more = {"temporary": {"until": until or None, "batches": batches or None}} if until or batches else {}
        return await _opened(visit, form, "change.asked", **more)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_asking, visit, form, refusal), refusal.status)


@router.get("/changes/{number:path}/batches")
def batches_page(visit: VisitDep, number: ChangeNumber) -> Response:
    """Which batches ran which way."""
    return visit.page(versions.of_change(visit, number))


@router.get("/lots/{lot_no:path}/versions")
def versions_page(visit: VisitDep, lot_no: LotNumber) -> Response:
    """What a batch ran under."""
    return visit.page(versions.of_lot(visit, lot_no))


@router.get("/changes/emergency")
def emergency_page(visit: VisitDep) -> Response:
    """The form of one that was done already."""
    return visit.page(_recording(visit))


@router.post("/changes/emergency")
async def record(visit: VisitDep) -> Response:
    """Put on record what was done already, and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        happened_at = moment(typed(form, "happened_at"), visit.principal.zone)
        already = {one: typed(form, one) for one in ALREADY} | {"happened_at": happened_at}
        already["done_by"] = await run_in_threadpool(_whom, visit, already["done_by"])
        return await _opened(visit, form, "change.recorded", reason=already["why"], already=already)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_recording, visit, form, refusal), refusal.status)


async def _opened(visit: Visit, form: FormData, said: str, **more: Any) -> Done:
    visit.need(Permission.CHANGE_OPEN)
    values: dict[str, Any] = {name: typed(form, name) for name in FIELDS} | more
    values["lot_nos"] = typed(form, "lot_nos").replace("，", " ").replace(",", " ").split()
    values["title_en"] = values["title"] if visit.language == "en" else ""
    values["permanent_of"] = values["permanent_of"] or None
    values["first_step"] = values["first_step"] or FIRST_STEPS[0]
    values["first_seq"] = values["first_seq"] or 0
    given = await run_in_threadpool(meant, visit, OpenChangeIn, values)
    desk = visit.desk(form)
    command = OpenChange(command_id=desk.command_id("open"), by=desk.by(), **given.model_dump())
    done = (await start.ask(desk.client, command)).data
    return f"/subjects/{done['subject']}", visit.words(said, number=done["number"])


def _may(visit: Visit) -> Refusal | None:
    """Why they may not, where they may not."""
    try:
        visit.need(Permission.CHANGE_OPEN)
    except Refusal as why:
        return why
    return None


def _asking(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None) -> AskPage:
    blocked, words = _may(visit), visit.words
    sheet = Sheet(words, form, None if blocked else refusal)
    steps = tuple(Option(value=one, label=words(f"change.step_{one}")) for one in FIRST_STEPS)
    return AskPage(
        at="/changes/new",
        title=words("change.ask"),
        do=words("change.ask_do"),
        next=words("change.ask_next"),
        fields=(
            sheet.field("title", words("change.title"), help=words("change.title_help"), required=True),
            sheet.field("reason", words("change.reason"), "long_text", required=True),
            *_what(sheet),
            sheet.field(
                "first_step", words("change.first_step"), "choice", FIRST_STEPS[0], options=steps,
                help=words("change.first_step_help"),
            ),
            sheet.field("first_seq", words("change.first_seq"), "integer", help=words("change.first_seq_help")),
            sheet.field("lot_nos", words("change.lots"), help=words("change.lots_help")),
            sheet.field("until", words("change.until"), "date", help=words("change.until_help")),
            sheet.field("batches", words("change.batches_most"), "integer", help=words("change.batches_most_help")),
            sheet.field("permanent_of", words("change.permanent_of"), help=words("change.permanent_of_help")),
        ),
        refusal=None if blocked else refusal,
        blocked=blocked,
        draft=Draft(key="ask-change"),
        command_key=new_key(),
    )  # fmt: skip


def _what(sheet: Sheet) -> tuple[FormField, FormField]:
    """What changes."""
    words = sheet.words
    what = tuple(Option(value=one.kind, label=one.title.say(words.language)) for one in kinds.changeable())
    return (
        sheet.field("kind", words("change.kind"), "choice", options=what, required=True),
        sheet.field("target", words("change.target"), help=words("change.target_help"), required=True),
    )


def _recording(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None) -> AskPage:
    blocked, words = _may(visit), visit.words
    sheet = Sheet(words, form, None if blocked else refusal)
    return AskPage(
        at="/changes/emergency",
        title=words("change.emergency"),
        do=words("change.record_do"),
        next=words("change.record_next"),
        fields=(
            sheet.field("title", words("change.title"), help=words("change.title_help"), required=True),
            sheet.field("what", words("change.done_what"), "long_text", required=True),
            sheet.field(
                "happened_at", words("change.done_at"), "datetime", help=words("change.done_at_help"), required=True
            ),
            sheet.field(
                "done_by", words("change.done_by"), "person", help=words("change.done_by_help"), required=True,
                search="/options/people?of=done_by", options=_people(visit),
            ),
            sheet.field("why", words("change.urgent"), "long_text", required=True),
            *_what(sheet),
            sheet.field("lot_nos", words("change.ran_so"), help=words("change.ran_so_help")),
        ),
        refusal=None if blocked else refusal,
        blocked=blocked,
        draft=Draft(key="record-change"),
        command_key=new_key(),
    )  # fmt: skip


def _people(visit: Visit) -> tuple[Option, ...]:
    """The first whom the field offers; more as a name is typed."""
    with visit.reading() as session:
        return tuple(Option(value=one.number, label=one.name) for one in named_answers.offered(session, None, ""))


def _whom(visit: Visit, said: str) -> str:
    """Somebody by their login, or by their name where one person has it."""
    with visit.reading() as session:
        named = {one.number for one in named_answers.offered(session, None, said) if one.name == said.strip()}
    return named.pop() if len(named) == 1 else said
