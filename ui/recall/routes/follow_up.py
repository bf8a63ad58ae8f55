"""What follows a recall on pages: checks, returns, dispositions, filed reports, downloads (REQUIREMENTS 75, 79, 82)."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.request.shapes import labels_of
from api.recall import begin as recalling
from api.recall import follow_up as following
from api.recall import reports as reporting
from api.recall.paths import PageRecall
from api.recall.schemas import CheckIn, ClassIn, DecisionIn, DispositionIn, DrawIn, FilingIn, ReturnIn
from models.kernel.refusal import Refusal
from models.kernel.store import english_names as english
from models.kernel.time.moments import minute
from models.notice.rules import links as notice_links
from models.notice.store import products as notice_products
from models.person.rules.auth import check_permission
from models.person.rules.roles import Permission
from models.plant.queries import choices
from models.process.store.signed_acts import Shown
from models.recall.acts import decide as deciding
from models.recall.acts.decide import SCRAP_LOTS
from models.recall.queries import follow_up as queries_recall_follow
from models.recall.queries import recalls as queries_recalls
from models.recall.queries.views import NoticeRow
from models.recall.rules import checks as check_rules
from models.recall.rules.filings import NO_KIND
from models.recall.store.checks import CheckRow
from models.resolve.queries import lot_numbers
from models.returns import acts as returning
from models.returns import rules as return_rules
from models.returns.acts import SCRAP
from ui.frame.form.forms import Done, meant, once, read, signing_of
from ui.frame.form.lines import moment
from ui.frame.i18n import Words
from ui.frame.parts import Option
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.frame.words import frozen_names
from ui.notice.forms import answer_in, receivers_in
from ui.recall.page.follow_up import FollowForm
from ui.recall.view.forms import Forms
from ui.recall.view.list import href

router = APIRouter()
Draw = Callable[[Session, Forms], FollowForm]
Act = Callable[[FormData], Awaitable[Done]]
Id = Annotated[UUID, Path()]
RETURNED = ("customer_no", "location", "received_at", "reference", "remark", "label_reason")


@router.get("/recalls/{number:path}/checks/new")
def draw_form(visit: VisitDep, number: PageRecall) -> Response:
    """Choose the level of the effectiveness checks."""
    return _show(visit, number, Permission.RECALL_RUN, lambda _, forms: forms.draw())


@router.post("/recalls/{number:path}/checks/new")
async def draw(visit: VisitDep, number: PageRecall) -> Response:
    """Draw."""

    async def act(form: FormData) -> Done:
        given = read(DrawIn, {name: typed(form, name) for name in DrawIn.model_fields})
        receipt = await following.draw(visit.desk(form), number, given)
        return f"{href(number)}#checks", visit.words("follow.drawn", n=receipt.data["drawn"])

    return await _do(visit, number, Permission.RECALL_RUN, lambda _, forms: forms.draw(), act)


@router.get("/recalls/{number:path}/checks/{check}")
def check_form(visit: VisitDep, number: PageRecall, check: Id) -> Response:
    """A drawn customer, and the form for one try to reach them."""
    return _show(visit, number, Permission.RECALL_RUN, _check(visit, number, check))


@router.post("/recalls/{number:path}/checks/{check}")
async def record_check(visit: VisitDep, number: PageRecall, check: Id) -> Response:
    """Keep the try."""

    async def act(form: FormData) -> Done:
        values = {name: typed(form, name) for name in CheckIn.model_fields}
        values["contacted_at"] = moment(values["contacted_at"], visit.principal.zone)
        receipt = await following.check(visit.desk(form), number, check, read(CheckIn, values))
        said = visit.words("follow.recorded", done=receipt.data["done"], all=receipt.data["drawn"])
        return f"{href(number)}#checks", said

    return await _do(visit, number, Permission.RECALL_RUN, _check(visit, number, check), act)


@router.get("/recalls/{number:path}/returns/new")
def return_form(visit: VisitDep, number: PageRecall) -> Response:
    """Book goods back."""
    return _show(visit, number, Permission.RETURN_BOOK, _book)


@router.post("/recalls/{number:path}/returns/new")
async def book(visit: VisitDep, number: PageRecall) -> Response:
    """They are booked."""

    async def act(form: FormData) -> Done:
        line: dict[str, Any] = {name: typed(form, name) for name in ("lot_no", "quantity", "serial_no")}
        line["labels"] = list(labels_of([line["lot_no"]]))
        line["lot_no"] = await run_in_threadpool(_lot, visit, line["lot_no"])
        values = {name: typed(form, name) for name in RETURNED}
        values["received_at"] = moment(values["received_at"], visit.principal.zone)
        given = await run_in_threadpool(
            meant, visit, ReturnIn, {**values, "lines": [{name: value for name, value in line.items() if value}]}
        )
        receipt = await following.book(visit.desk(form), number, given)
        return f"{href(number)}#returns", visit.words("follow.booked", quantity=receipt.data["quantity"])

    return await _do(visit, number, Permission.RETURN_BOOK, _book, act)


@router.get("/recalls/{number:path}/returns/{returned}")
def decide_form(visit: VisitDep, number: PageRecall, returned: Id) -> Response:
    """What is to become of it?"""
    return _show(visit, number, Permission.RETURN_DISPOSE, _decide(number, returned))


@router.post("/recalls/{number:path}/returns/{returned}")
async def decide(visit: VisitDep, number: PageRecall, returned: Id) -> Response:
    """It is decided."""

    async def act(form: FormData) -> Done:
        names = (name for name in DispositionIn.model_fields if name != "signature")
        given = read(DispositionIn, {name: typed(form, name) for name in names})
        await following.dispose(visit.desk(form), returned, given, signing_of(form, SCRAP))
        return f"{href(number)}#returns", visit.words("follow.decided")

    return await _do(visit, number, Permission.RETURN_DISPOSE, _decide(number, returned), act)


@router.get("/recalls/{number:path}/decisions/new")
def decide_lots_form(visit: VisitDep, number: PageRecall) -> Response:
    """What is to become of the batches in house?"""
    return _show(visit, number, Permission.RETURN_DISPOSE, _decide_lots(number))


@router.post("/recalls/{number:path}/decisions/new")
async def decide_lots(visit: VisitDep, number: PageRecall) -> Response:
    """It is decided."""

    async def act(form: FormData) -> Done:
        values: dict[str, Any] = {name: typed(form, name) for name in ("kind", "reason", "reference", "label_reason")}
        lines = _named(form)
        meaning = await run_in_threadpool(_lots, visit, lines)
        values["scanned"] = [{"lot_no": meaning[line], "labels": [line]} for line in labels_of(lines)]
        given = await run_in_threadpool(meant, visit, DecisionIn, {**values, "lots": [meaning[line] for line in lines]})
        receipt = await following.decide(visit.desk(form), number, given, signing_of(form, SCRAP_LOTS))
        return f"{href(number)}#decisions", visit.words("follow.decided_lots", n=receipt.data["lots"])

    return await _do(visit, number, Permission.RETURN_DISPOSE, _decide_lots(number), act)


@router.get("/recalls/{number:path}/notices/{notice}/answer")
def answer_form(visit: VisitDep, number: PageRecall, notice: Id) -> Response:
    """What did the customer say?"""
    return _show(visit, number, Permission.RECALL_RUN, _answer(notice))


@router.post("/recalls/{number:path}/notices/{notice}/answer")
async def answer(visit: VisitDep, number: PageRecall, notice: Id) -> Response:
    """It is kept, once."""

    async def act(form: FormData) -> Done:
        await recalling.answer_for(visit.desk(form), number, notice, answer_in(form))
        return f"{href(number)}#customers", visit.words("follow.answered")

    return await _do(visit, number, Permission.RECALL_RUN, _answer(notice), act)


@router.get("/recalls/{number:path}/notices/{notice}/receivers")
def receivers_form(visit: VisitDep, number: PageRecall, notice: Id) -> Response:
    """To whom did they pass goods on?"""
    return _show(visit, number, Permission.RECALL_RUN, _receivers(notice))


@router.post("/recalls/{number:path}/notices/{notice}/receivers")
async def receivers(visit: VisitDep, number: PageRecall, notice: Id) -> Response:
    """They are kept, and told."""

    async def act(form: FormData) -> Done:
        receipt = await recalling.receivers_for(visit.desk(form), number, notice, receivers_in(form))
        return f"{href(number)}#customers", visit.words("follow.receivers_kept", n=receipt.data["receivers"])

    return await _do(visit, number, Permission.RECALL_RUN, _receivers(notice), act)


@router.get("/recalls/{number:path}/classes/new")
def class_form(visit: VisitDep, number: PageRecall) -> Response:
    """An agency wrote."""
    return _show(visit, number, Permission.RECALL_RUN, lambda _, forms: forms.classify())


@router.post("/recalls/{number:path}/classes/new")
async def classify(visit: VisitDep, number: PageRecall) -> Response:
    """Its class is kept."""

    async def act(form: FormData) -> Done:
        values = {name: typed(form, name) for name in ClassIn.model_fields}
        values["classified_at"] = moment(values["classified_at"], visit.principal.zone)
        await following.classify(visit.desk(form), number, read(ClassIn, values))
        return f"{href(number)}#clocks", visit.words("recall.classify_done")

    return await _do(visit, number, Permission.RECALL_RUN, lambda _, forms: forms.classify(), act)


@router.get("/recalls/{number:path}/reports/new")
def file_form(visit: VisitDep, number: PageRecall) -> Response:
    """A report went out."""
    return _show(visit, number, Permission.RECALL_RUN, lambda _, forms: forms.file())


@router.post("/recalls/{number:path}/reports/new")
async def file(visit: VisitDep, number: PageRecall) -> Response:
    """It is kept, and its clocks are met."""

    async def act(form: FormData) -> Done:
        values = {name: typed(form, name) for name in FilingIn.model_fields}
        values["filed_at"] = moment(values["filed_at"], visit.principal.zone)
        receipt = await following.file(visit.desk(form), number, read(FilingIn, values))
        return f"{href(number)}#reports", visit.words("follow.file_done", n=len(receipt.data["met"]))

    return await _do(visit, number, Permission.RECALL_RUN, lambda _, forms: forms.file(), act)


@router.get("/recalls/{number:path}/reports/{kind}.{form}")
async def report(
    visit: VisitDep,
    number: PageRecall,
    kind: str,
    form: str,
    estimated_on: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """A report as a file."""
    visit.need(Permission.RECORD_READ)
    if form not in reporting.TYPES:
        raise NO_KIND(kind=f"{kind}.{form}"[:40], known=", ".join(reporting.TYPES))
    return await reporting.in_turn(visit.request.app, reporting.report, visit.engine, number, kind, form, estimated_on)


@router.get("/recalls/{number:path}/pack.zip")
async def pack(visit: VisitDep, number: PageRecall) -> Response:
    """Everything that an authority asks."""
    visit.need(Permission.RECORD_READ)
    return await reporting.in_turn(visit.request.app, reporting.pack, visit.engine, number)


def _check(visit: Visit, number: str, check: UUID) -> Draw:
    def drawn(session: Session, forms: Forms) -> FollowForm:
        follow = queries_recall_follow.follow(session, number)
        row = next((one for one in follow.checks.rows if one.id == check), None)
        if row is None:
            raise check_rules.UNKNOWN(recall=number[:60])
        return forms.check(row, _history(visit.words, row, visit.principal.zone))

    return drawn


def _history(words: Words, row: CheckRow, zone: str) -> list[str]:
    """Every earlier try in a line."""
    lines = []
    for one in row.attempts:
        at = minute(one.contacted_at, zone)
        said = one.spoken_with or words("follow.not_reached")
        if one.reached:
            came = words("follow.came" if one.notice_received else "follow.came_not")
            said = f"{said} · {came} · {words('follow.acted' if one.acted else 'follow.acted_not')}"
        remark = f" · {one.remark}" if one.remark else ""
        how = words(f"follow.channel_{one.channel}")
        lines.append(f"{at} · {how} · {said}{remark} · {one.recorded_by}")
    return lines


def _book(session: Session, forms: Forms) -> FollowForm:
    names = {one["customer_no"]: one["customer"] for one in forms.found.scope["customers"]}
    say = english.saying(english.names(session, names.values()))  # the scope is frozen in the plant's own
    customers = tuple(Option(value=no, label=f"{say(name)} · {no}") for no, name in sorted(names.items()))
    places = tuple(Option(value=one.code, label=f"{one.code} {one.name}") for one in choices.locations(session))
    return forms.book(customers, places)


def _answer(notice: UUID) -> Draw:
    def drawn(session: Session, forms: Forms) -> FollowForm:
        told = _told(forms, notice)
        return forms.answer(told, notice_products.unit(session, told.lines))

    return drawn


def _receivers(notice: UUID) -> Draw:
    def drawn(session: Session, forms: Forms) -> FollowForm:
        told = _told(forms, notice)
        return forms.receivers(told, notice_products.unit(session, told.lines))

    return drawn


def _told(forms: Forms, notice: UUID) -> NoticeRow:
    row = next((one for one in forms.found.notices if one.id == notice), None)
    if row is None:
        raise notice_links.NO_LINK()
    return row


def _decide(number: str, returned: UUID) -> Draw:
    def drawn(session: Session, forms: Forms) -> FollowForm:
        follow = queries_recall_follow.follow(session, number)
        row = next((one for one in follow.returns if one.id == returned), None)
        if row is None:
            raise return_rules.UNKNOWN()
        return forms.decide(row, _scrapping(session, forms, returned))

    return drawn


def _scrapping(session: Session, forms: Forms, returned: UUID) -> Shown | None:
    """What scrapping is signed on, once somebody has said how much."""
    if forms.given is None or typed(forms.given, "kind") != "scrap":
        return None
    try:
        return returning.preview(session, returned, Decimal(typed(forms.given, "quantity")))
    except (Refusal, InvalidOperation):
        return None


def _named(form: FormData) -> list[str]:
    """The batches that were typed, one a line or between commas."""
    lots = typed(form, "lots").replace(",", "\n").replace("、", "\n").split("\n")
    return [one.strip() for one in lots if one.strip()]


def _decide_lots(number: str) -> Draw:
    def drawn(session: Session, forms: Forms) -> FollowForm:
        shown = None
        if forms.given is not None and typed(forms.given, "kind") == "scrap":
            with suppress(Refusal):
                named = _named(forms.given)
                shown = deciding.preview(session, number, list(lot_numbers(session, named).values()))
        return forms.decide_lots(shown)

    return drawn


def _lots(visit: Visit, lines: list[str]) -> dict[str, str]:
    """A scanned label counts as the batch that it names."""
    with visit.reading() as session:
        return lot_numbers(session, lines)


def _lot(visit: Visit, text: str) -> str:
    """A scanned label counts as the batch that it names."""
    if not text:
        return ""
    with visit.reading() as session:
        return lot_numbers(session, [text]).get(text, text)


def _page(
    visit: Visit, number: str, needed: Permission, drawn: Draw, form: FormData | None, refusal: Refusal | None
) -> FollowForm:
    blocked = None
    try:
        check_permission(visit.principal, needed)
    except Refusal as why:
        blocked = why
    with visit.reading() as session:
        found = queries_recalls.view(session, visit.principal, number)
        forms = Forms(visit.words, found, visit.now, visit.principal.zone, form, refusal, blocked)
        return frozen_names.read(session, drawn(session, forms), "title", "about")


def _show(visit: Visit, number: str, needed: Permission, drawn: Draw) -> Response:
    page = _page(visit, number, needed, drawn, None, None)
    return visit.page(page, drill=_band(page))


async def _do(visit: Visit, number: str, needed: Permission, drawn: Draw, act: Act) -> Response:
    """Do it and go back to the cockpit; a refusal stands in the form, with everything typed."""
    form = await visit.form()

    async def allowed() -> Done:
        visit.need(needed)
        return await act(form)

    try:
        return await once(visit, form, allowed)
    except REFUSING as error:
        refusal = visit.refusal(error)
        page = await run_in_threadpool(_page, visit, number, needed, drawn, form, refusal)
        return visit.page(page, refusal.status, drill=_band(page))


def _band(page: FollowForm) -> str:
    return page.number if page.drill else ""
