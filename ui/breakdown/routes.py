"""Somebody reports that equipment broke down, from its page, from an operation or by scanning it (ISO 13485 6.3; REQUIREMENTS 43)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.breakdown.routes import ReportIn
from api.frame.doors import Doors
from models.breakdown import queries
from models.breakdown.messages import ReportBreakdown
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from ui.breakdown.page import ReportPage
from ui.frame.form.forms import Done, Sheet, meant, once
from ui.frame.form.lines import moment
from ui.frame.parts import Draft, FormField, Option
from ui.frame.visit import REFUSING, Visit, VisitDep, all_typed, new_key, typed
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.NONCONFORMANCE_RAISE: """
        GET /breakdowns/new
        POST /breakdowns/new
    """,
}
Asked = Annotated[str, Query(max_length=200)]


@router.get("/breakdowns/new")
def report_page(visit: VisitDep, equipment_no: Asked = "", lot_no: Asked = "") -> Response:
    """The form; the machine or the batch whose page was left for it stands in it already."""
    return visit.page(_reporting(visit, equipment_no=equipment_no, lot_no=lot_no))


@router.post("/breakdowns/new")
async def report(visit: VisitDep) -> Response:
    """Put it on record and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.NONCONFORMANCE_RAISE)
        values: dict[str, Any] = {name: typed(form, name) for name in ("equipment_no", "said")}
        values["happened_at"] = moment(typed(form, "happened_at"), visit.principal.zone)
        values["lot_nos"] = lots_of(form)
        given = await run_in_threadpool(meant, visit, ReportIn, values)
        desk = visit.desk(form)
        command = ReportBreakdown(command_id=desk.command_id("report"), by=desk.by(), **given.model_dump())
        done = (await start.ask(desk.client, command)).data
        said = visit.words("breakdown.joined" if done["again"] else "breakdown.reported", number=done["number"])
        return f"/subjects/{done['subject']}", said

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_reporting, visit, form, refusal), refusal.status)


def lots_of(form: FormData) -> tuple[str, ...]:
    """The batches that were ticked, and those that were scanned, each once."""
    lines = (line.strip() for line in typed(form, "others").splitlines())
    return tuple(dict.fromkeys(one for one in (*all_typed(form, "offered"), *lines) if one))


def _reporting(
    visit: Visit,
    form: FormData | None = None,
    refusal: Refusal | None = None,
    *,
    equipment_no: str = "",
    lot_no: str = "",
) -> ReportPage:
    blocked = None
    try:
        visit.need(Permission.NONCONFORMANCE_RAISE)
    except Refusal as why:
        blocked = why
    sheet = Sheet(visit.words, form, None if blocked else refusal)
    number = typed(form, "equipment_no") if form is not None else equipment_no
    return ReportPage(
        facts=(),
        fields=_fields(visit, sheet, number, form, lot_no),
        refusal=None if blocked else refusal,
        blocked=blocked,
        draft=Draft(
            key=f"report-breakdown-{number or lot_no}"
        ),  # what was typed of one machine isn't offered at another
        command_key=new_key(),
    )


def _fields(visit: Visit, sheet: Sheet, number: str, form: FormData | None, lot_no: str) -> tuple[FormField, ...]:
    words = visit.words
    with visit.reading() as session:
        offered = queries.under_way(session, number) if number else ()
    options = tuple(
        Option(
            value=one.lot_no,
            label=f"{one.lot_no} {one.item}",
            hint=words("breakdown.offered_hint", order=one.work_order_no, step=one.step),
        )
        for one in offered
    )
    known = {one.value for one in options}
    ticked = all_typed(form, "offered") if form is not None else (lot_no,)
    fields = [
        sheet.field(
            "equipment_no",
            words("breakdown.equipment"),
            "lot",
            number,
            help=words("breakdown.equipment_help"),
            required=True,
        ),
        sheet.field("said", words("breakdown.said"), "long_text", required=True),
        sheet.field("happened_at", words("breakdown.happened"), "datetime", help=words("breakdown.happened_help")),
    ]
    if options:
        fields.append(
            sheet.field(
                "offered", words("breakdown.offered"), "choices", options=options, values=tuple(known & {*ticked})
            )
        )
    rest = lot_no if lot_no and lot_no not in known else ""
    fields.append(
        sheet.field(
            "others", words("breakdown.others"), "long_text", rest, help=words("breakdown.others_help"), scan=True
        )
    )
    return tuple(fields)
