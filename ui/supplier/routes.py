"""The list of approved suppliers and an assessment asked for by page (ISO 13485 7.4.1; REQUIREMENTS 49)."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.doors import Doors
from api.supplier.routes import AssessSupplierIn
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from models.plant.queries import choices
from models.supplier.messages import AssessSupplier
from models.supplier.queries import approvals as queries
from models.supplier.rules.approval import BOUGHT, STATES
from ui.frame.form.forms import Done, Sheet, meant, once
from ui.frame.parts import Draft, Link, Option, Pager
from ui.frame.status import mark
from ui.frame.visit import REFUSING, Visit, VisitDep, new_key, typed
from ui.lot.view.list import choice, item_options
from ui.supplier import scores
from ui.supplier.page import AskPage, Line, ListPage, Sum
from ui.supplier.subject import condition
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router, scores.router)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /supplier-approvals
        GET /supplier-records
        GET /supplier-records.csv
        GET /supplier-scores
        GET /supplier-scores.csv
        GET /supplier-scores/{supplier_no:path}
    """,
    Permission.SUPPLIER_ASSESS: """
        GET /supplier-approvals/new
        POST /supplier-approvals/new
    """,
}
HERE = "/supplier-approvals"
FIELDS = tuple(AssessSupplierIn.model_fields)
Asked = Annotated[str, Query(max_length=200)]


@router.get("/supplier-approvals")
def list_page(visit: VisitDep, q: Asked = "", state: Asked = "", after: Asked = "") -> Response:
    """Who may deliver what, and how it stands today."""
    state = state if state in STATES else ""
    with visit.reading() as session:
        found = queries.page(session, visit.now, q=q.strip() or None, state=state or None, after=after or None)
        return visit.page(_list(visit, found, q.strip(), state, after))


def _href(**asked: str) -> str:
    return f"{HERE}?{urlencode({key: value for key, value in asked.items() if value})}".removesuffix("?")


def _list(visit: Visit, found: queries.Page, q: str, state: str, after: str) -> ListPage:
    words = visit.words
    sums = [Sum(n=sum(found.counts.values()), label=words("supplier.all"), href=_href(q=q), chosen=not state)]
    sums += [
        Sum(
            n=found.counts.get(one, 0),
            label=words(f"supplier.sum_{one}"),
            href=_href(q=q, state=one),
            chosen=one == state,
        )
        for one in STATES
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
                revision=one.revision or words("supplier.every_revision"),
                mark=mark("approval", one.stands),
                condition=condition(words, one),
                until=one.expires_on,
                reassess=one.reassess_on,
            )
            for one in found.items
        ),
        pager=Pager(
            shown=len(found.items),
            first_href=_href(q=q, state=state) if after else "",
            next_href=_href(q=q, state=state, after=found.next) if found.next else "",
        ),
        q=q,
        state=state,
        new=Link(label=words("supplier.ask"), href=f"{HERE}/new") if visit.may(Permission.SUPPLIER_ASSESS) else None,
    )


@router.get("/supplier-approvals/new")
def ask_page(visit: VisitDep, supplier_no: Asked = "", item_no: Asked = "", revision: Asked = "") -> Response:
    """The form; an entry whose page was left for it stands in it already."""
    given = {"supplier_no": supplier_no, "item_no": item_no, "revision": revision}
    return visit.page(_asking(visit, given=given))


@router.post("/supplier-approvals/new")
async def ask(visit: VisitDep) -> Response:
    """Put it on record and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.SUPPLIER_ASSESS)
        values: dict[str, Any] = {name: typed(form, name) for name in FIELDS}
        given = await run_in_threadpool(meant, visit, AssessSupplierIn, values)
        desk = visit.desk(form)
        command = AssessSupplier(command_id=desk.command_id("assess"), by=desk.by(), **given.model_dump())
        done = (await start.ask(desk.client, command)).data
        return f"/subjects/{done['subject']}", visit.words("supplier.asked", number=done["number"])

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
                "revision",
                words("supplier.revision"),
                "text",
                said.get("revision", ""),
                help=words("supplier.revision_help"),
            ),
            sheet.field("reason", words("supplier.reason"), "long_text", required=True),
        ),
        refusal=None if blocked else refusal,
        blocked=blocked,
        draft=Draft(key="assess-supplier"),
        command_key=new_key(),
    )
