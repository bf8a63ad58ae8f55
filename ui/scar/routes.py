"""Requests to suppliers by page: the list, the form, the letter with its link, and the files that came back (REQUIREMENTS 52)."""

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.deps import EngineDep
from api.frame.doors import Doors
from api.frame.request.paths import LotFilter
from api.scar.routes import RaiseScarIn, ScarNumber, given_out
from models.kernel.refusal import Refusal
from models.kernel.time.moments import plant_day
from models.lot.store import lots
from models.paper.qr import svg
from models.person.queries.site import site_names
from models.person.rules.roles import Permission
from models.plant.queries import choices
from models.scar import queries, rules
from models.scar.messages import RaiseScar, WithdrawScar
from models.supplier.rules.approval import BOUGHT
from ui.frame.form.forms import Done, Sheet, meant, once
from ui.frame.i18n import LANGUAGES, Words
from ui.frame.parts import Draft, FormField, Link, Option, Pager
from ui.frame.status import mark
from ui.frame.visit import REFUSING, Visit, VisitDep, new_key, typed
from ui.lot.view.list import choice, item_options
from ui.scar import link
from ui.scar.page import LetterPage, Line, ListPage, RaisePage, Sum
from ui.scar.subject import letter_href
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router, link.router)
DOORS: Doors = {
    **link.DOORS,
    Permission.RECORD_READ: """
        GET /scars
        GET /scar-files/{file}
    """,
    Permission.SUPPLIER_ASSESS: """
        GET /scars/new
        POST /scars/new
        GET /scars/{number:path}/letter
        POST /scars/{number:path}/letter
    """,
}
HERE = "/scars"
Asked = Annotated[str, Query(max_length=200)]
PLAIN = ("supplier_no", "title", "found", "item_no", "nonconformance_no", "capa_no")


@router.get("/scars")
def list_page(visit: VisitDep, q: Asked = "", every: Asked = "", after: Annotated[int | None, Query(ge=1, lt=1 << 62)] = None) -> Response:  # fmt: skip
    """Who was asked to correct what, the newest first."""
    visit.need(Permission.RECORD_READ)
    q = q.strip()
    with visit.reading() as session:
        today = plant_day(visit.now, lots.site_zone(session))
        found = queries.page(session, today, q=q or None, only_open=not every, after=after)
    words = visit.words
    more = _href(q=q, every=every, after=str(found.next)) if found.next else ""
    return visit.page(
        ListPage(
            sums=(
                Sum(n=found.open, label=words("scar.open_only"), href=_href(q=q), chosen=not every),
                Sum(n=found.total, label=words("scar.every"), href=_href(q=q, every="1"), chosen=bool(every)),
            ),
            rows=tuple(_line(one) for one in found.items),
            pager=Pager(shown=len(found.items), first_href=_href(q=q, every=every) if after else "", next_href=more),
            q=q,
            every=bool(every),
            new=Link(label=words("scar.raise"), href=f"{HERE}/new") if visit.may(Permission.SUPPLIER_ASSESS) else None,
        )
    )


def _line(one: Any) -> Line:
    return Line(
        number=one.number,
        href=f"/subjects/{one.subject}",
        supplier=one.supplier,
        supplier_no=one.supplier_no,
        title=one.title,
        item=one.item or "",
        mark=mark("scar", one.stands),
        due=one.answer_by,
        round=one.round,
    )


def _href(**asked: str) -> str:
    return f"{HERE}?{urlencode({key: value for key, value in asked.items() if value})}".removesuffix("?")


@router.get("/scar-files/{file}")
def file_(visit: VisitDep, engine: EngineDep, file: UUID) -> Response:
    """A file that a supplier sent: to be saved, never shown as a page of ours."""
    visit.need(Permission.RECORD_READ)
    return given_out(engine, file)


@router.get("/scars/new")
def raise_page(visit: VisitDep, supplier_no: Asked = "", item_no: Asked = "", lot: LotFilter = None, nonconformance: Asked = "", title: Asked = "") -> Response:  # fmt: skip
    """The form; what its page was left for stands in it already."""
    given = {"supplier_no": supplier_no, "item_no": item_no, "lots": lot or "", "nonconformance_no": nonconformance}
    return visit.page(_raising(visit, given={**given, "title": title}))


@router.post("/scars/new")
async def raise_(visit: VisitDep) -> Response:
    """Put it on record and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.SUPPLIER_ASSESS)
        values: dict[str, Any] = {name: typed(form, name) for name in PLAIN}
        values["lots"] = typed(form, "lots").split()
        values["asks"] = [str(one) for one in form.getlist("asks")]
        given = await run_in_threadpool(meant, visit, RaiseScarIn, values)
        desk = visit.desk(form)
        command = RaiseScar(command_id=desk.command_id("raise"), by=desk.by(), **given.model_dump())
        done = (await start.ask(desk.client, command)).data
        return f"/subjects/{done['subject']}", visit.words("scar.raised", number=done["number"])

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_raising, visit, form, refusal), refusal.status)


def _raising(
    visit: Visit, form: FormData | None = None, refusal: Refusal | None = None, given: dict[str, str] | None = None
) -> RaisePage:
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
    asks = tuple(Option(value=one.value, label=words(f"scar.{one}")) for one in rules.Asked)
    asked = sheet.many("asks", words("scar.asks"), asks)
    if form is None:
        asked = _all(asked)
    who = said.get("supplier_no", "")
    return RaisePage(
        fields=(
            choice(sheet, "supplier_no", words("scar.supplier"), suppliers, who, required=True),
            choice(sheet, "item_no", words("scar.item"), items, said.get("item_no", "")),
            sheet.field("title", words("scar.title"), "text", said.get("title", ""), required=True),
            sheet.field("found", words("scar.found"), "long_text", help=words("scar.found_help")),
            sheet.field("lots", words("scar.lots"), "long_text", said.get("lots", ""), scan=True),
            asked,
            sheet.field("nonconformance_no", words("scar.nonconformance"), "text", said.get("nonconformance_no", "")),
            sheet.field("capa_no", words("scar.capa")),
        ),
        refusal=None if blocked else refusal,
        blocked=blocked,
        draft=Draft(key="raise-scar"),
        command_key=new_key(),
    )


def _all(asked: FormField) -> FormField:
    return replace(asked, values=tuple(one.value for one in asked.options))


@router.get("/scars/{number:path}/letter")
def letter(visit: VisitDep, number: ScarNumber) -> Response:
    """The link that is in force, as a letter; only who may send it sees it, since whoever has it answers for the supplier."""
    visit.need(Permission.SUPPLIER_ASSESS)
    return visit.page(_letter(visit, number))


@router.post("/scars/{number:path}/letter")
async def withdraw(visit: VisitDep, number: ScarNumber) -> Response:
    """Withdraw the request; its link is dead at once."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.SUPPLIER_ASSESS)
        desk = visit.desk(form)
        reason = typed(form, "reason")
        if not reason.strip():
            raise rules.NO_REASON()
        command = WithdrawScar(command_id=desk.command_id("withdraw"), by=desk.by(), number=number, reason=reason)
        await start.ask(desk.client, command)
        return letter_href(number), visit.words("scar.withdrawn", number=number)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_letter, visit, number, form, refusal), refusal.status)


def _letter(visit: Visit, number: str, form: FormData | None = None, refusal: Refusal | None = None) -> LetterPage:
    zone = visit.request.app.state.settings.zone
    with visit.reading() as session:
        head = queries.of_number(session, number, plant_day(visit.now, zone)).head
        site = site_names(session)
    address = ""
    if head.stands in {"sent", "late"}:
        base = str(visit.request.url.replace(path="", query="", fragment="")).rstrip("/")
        made = rules.make(visit.request.app.state.secret, head.newest)
        address = f"{visit.request.app.state.settings.public_url or base}/s/{made}"
    letters: tuple[tuple[str, str], ...] = ()
    mail = ""
    if address:
        letters = tuple((one, _text(Words(one), head, site, address, zone)) for one in LANGUAGES)
        subject = visit.words("scar.mail_subject", number=number)
        body = "\n\n----\n\n".join(text for _, text in letters)
        mail = f"mailto:{quote(head.email or '')}?{urlencode({'subject': subject, 'body': body}, quote_via=quote)}"
    sheet = Sheet(visit.words, form, refusal)
    return LetterPage(
        number=number,
        href=f"/subjects/{head.subject}",
        here=letter_href(number),
        link=address,
        letters=letters,
        mail=mail,
        qr=svg(address, title=visit.words("scar.letter")) if address else "",
        withdraw=sheet.field("reason", visit.words("scar.withdraw_reason"), "long_text", required=True)
        if head.status == "open"
        else None,
        refusal=refusal,
        command_key=new_key(),
    )


def _text(words: Words, head: Any, site: tuple[str, str], link: str, zone: Any) -> str:
    return words(
        "scar.mail_body",
        supplier=words.name(head.supplier_zh, head.supplier_en),
        site=words.name(*site),
        title=head.title,
        number=head.number,
        day=head.answer_by.isoformat(),
        until=rules.last_day(head.expires_at, zone).isoformat(),
        link=link,
    )
