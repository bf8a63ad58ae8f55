"""Charts of incoming lots by page: the list, and the form that has lots watched (REQUIREMENTS 50, 118; STANDARDS Q 90, Q 91)."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.drift.schemas import WatchLotsIn
from api.frame.doors import Doors
from models.drift import queries
from models.drift.messages import WatchLots
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from models.plant.queries import choices
from models.supplier.rules.approval import BOUGHT
from ui.drift.page import AskPage, Line, ListPage, Sum
from ui.drift.subject import characteristic, figures
from ui.frame.form.forms import Done, Sheet, meant, once
from ui.frame.parts import Draft, Link, Option, Pager
from ui.frame.status import mark
from ui.frame.visit import REFUSING, Visit, VisitDep, new_key, typed
from ui.lot.view.list import choice, item_options
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /drift-charts
    """,
    Permission.SUPPLIER_ASSESS: """
        GET /drift-charts/new
        POST /drift-charts/new
    """,
}
HERE = "/drift-charts"
FIELDS = tuple(WatchLotsIn.model_fields)
Asked = Annotated[str, Query(max_length=200)]


@router.get("/drift-charts")
def list_page(visit: VisitDep, q: Asked = "", state: Asked = "", after: Asked = "") -> Response:
    """What is watched, and how it stands."""
    state = state if state in queries.STATES else ""
    with visit.reading() as session:
        found = queries.page(session, q=q.strip() or None, state=state or None, after=after or None)
        return visit.page(_list(visit, found, q.strip(), state, after))


def _href(**asked: str) -> str:
    return f"{HERE}?{urlencode({key: value for key, value in asked.items() if value})}".removesuffix("?")


def _list(visit: Visit, found: queries.Page, q: str, state: str, after: str) -> ListPage:
    words = visit.words
    sums = [Sum(n=sum(found.counts.values()), label=words("supplier.all"), href=_href(q=q), chosen=not state)]
    sums += [
        Sum(
            n=found.counts.get(one, 0),
            label=words(f"drift.sum_{one}"),
            href=_href(q=q, state=one),
            chosen=one == state,
        )
        for one in queries.STATES
    ]
    return ListPage(
        sums=tuple(sums),
        rows=tuple(
            Line(
                number=one.number,
                href=f"/subjects/{one.subject}",
                supplier=one.supplier,
                supplier_no=one.supplier_no,
                item=one.item,
                item_no=one.item_no,
                shows=characteristic(words, one),
                mark=mark("drift", one.stands),
                sampling=mark("sampling", one.sampling),
                limits=figures(words, one, one.unit),
                lots=one.lots,
                judged_at=one.judged_at,
                alert=Link(label=one.alert, href=f"/subjects/{one.alert_subject}") if one.alert else None,
            )
            for one in found.items
        ),
        pager=Pager(
            shown=len(found.items),
            first_href=_href(q=q, state=state) if after else "",
            next_href=_href(q=q, state=state, after=found.next) if found.next else "",
        ),
        alarms=words(
            "drift.alarms", judged=found.alarms.judged, closed=found.alarms.closed, no_cause=found.alarms.no_cause
        ),
        q=q,
        state=state,
        new=Link(label=words("drift.ask"), href=f"{HERE}/new") if visit.may(Permission.SUPPLIER_ASSESS) else None,
    )


@router.get("/drift-charts/new")
def ask_page(visit: VisitDep, supplier_no: Asked = "", item_no: Asked = "", characteristic: Asked = "") -> Response:
    """The form; a chart whose page was left for it stands in it already."""
    given = {"supplier_no": supplier_no, "item_no": item_no, "characteristic": characteristic}
    return visit.page(_asking(visit, given=given))


@router.post("/drift-charts/new")
async def ask(visit: VisitDep) -> Response:
    """Put it on record and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.SUPPLIER_ASSESS)
        values: dict[str, Any] = {name: typed(form, name) for name in FIELDS}
        given = await run_in_threadpool(meant, visit, WatchLotsIn, values)
        desk = visit.desk(form)
        command = WatchLots(command_id=desk.command_id("watch"), by=desk.by(), **given.model_dump())
        done = (await start.ask(desk.client, command)).data
        return f"/subjects/{done['subject']}", visit.words("drift.asked", number=done["number"])

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_asking, visit, form, refusal), refusal.status)


def _asking(
    visit: Visit, form: FormData | None = None, refusal: Refusal | None = None, given: dict[str, str] | None = None
) -> AskPage:
    blocked, said = None, given or {}
    try:
        visit.need(Permission.SUPPLIER_ASSESS)
    except Refusal as why:
        blocked = why
    words, sheet = visit.words, Sheet(visit.words, form, None if blocked else refusal)
    with visit.reading() as session:
        suppliers = tuple(
            Option(value=one.supplier_no, label=f"{one.name} · {one.supplier_no}") for one in choices.suppliers(session)
        )
        items = item_options(session, *sorted(BOUGHT))
    return AskPage(
        fields=(
            choice(
                sheet, "supplier_no", words("supplier.supplier"), suppliers, said.get("supplier_no", ""), required=True
            ),
            choice(sheet, "item_no", words("supplier.item"), items, said.get("item_no", ""), required=True),
            sheet.field(
                "characteristic",
                words("drift.characteristic"),
                "text",
                said.get("characteristic", ""),
                help=words("drift.characteristic_help"),
            ),
            sheet.field("reason", words("drift.reason"), "long_text", required=True),
        ),
        refusal=None if blocked else refusal,
        blocked=blocked,
        draft=Draft(key="watch-lots"),
        command_key=new_key(),
    )
