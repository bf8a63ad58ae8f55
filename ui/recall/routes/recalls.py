"""Recalls and drills on pages: the list, the form that opens one, the cockpit, its files (REQUIREMENTS 74-82)."""

from contextlib import suppress
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.recall import begin as recalling
from api.recall.paths import PageRecall
from api.recall.schemas import RecallByNumberIn, RecallIn
from models.kernel.refusal import Refusal
from models.kernel.request import RECORDING
from models.notice.store import intake as notice_intake
from models.notice.store.intake import Intake
from models.person.rules.auth import check_permission
from models.person.rules.roles import Permission
from models.process.messages.process import Receipt
from models.pull import store as pulls
from models.recall.queries import follow_up as queries_recall_follow
from models.recall.queries import recalls as queries_recalls
from models.recall.rules import recall as rules
from models.recall.store import recalls
from ui.frame.form.forms import Done, once, read
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.recall import export as recall_export
from ui.recall.cockpit import cockpit, drill_words, reach_of
from ui.recall.page.list import Mode, NewRecallPage
from ui.recall.view import customers as views_recall_customers
from ui.recall.view import list as views_recalls
from ui.recall.view import pulls as views_recall_pulls
from ui.task.page import OpeningPage

router = APIRouter()


class Prefill(BaseModel):
    """What the page that sent somebody here knows already."""

    mode: Annotated[str, StringConstraints(max_length=20)] = ""
    identifier: Annotated[str, StringConstraints(max_length=4000)] = ""
    cause: Annotated[str, StringConstraints(max_length=20)] = ""
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    reason: Annotated[str, StringConstraints(max_length=2000)] = ""


@router.get("/recalls")
def listed(visit: VisitDep, mode: str = "", cursor: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """The list."""
    visit.need(Permission.RECORD_READ)
    chosen: Mode = next((one for one in get_args(Mode) if one == mode), "")
    with visit.reading() as session:
        found = queries_recalls.page(session, after=cursor or None, mode=chosen or None)
        scored = queries_recalls.page(session, mode="drill", status="closed", limit=views_recalls.TREND)
    may = visit.may(Permission.RECALL_RUN)
    return visit.page(views_recalls.listed(visit.words, found, chosen, cursor, scored, can_open=may))


@router.get("/recalls/new")
def new(visit: VisitDep, asked: Annotated[Prefill, Query()]) -> Response:
    """The form, perhaps with what a trace, a failed inspection or a complaint was about."""
    return visit.page(_new(visit, prefill=asked.model_dump()))


@router.post("/recalls/new")
async def begin(visit: VisitDep) -> Response:
    """Open it and go to its cockpit; its scope is computed by then.  With `read`, only say what the notice means."""
    form = await visit.form()
    if typed(form, "read"):
        return await run_in_threadpool(_understood, visit, form)

    async def act() -> Done:
        visit.need(Permission.RECALL_RUN)
        notice = typed(form, "notice") or None
        given = read(
            RecallIn if notice else RecallByNumberIn,
            {
                **{name: typed(form, name) for name in ("mode", "title", "reason", "cause", "questions_seen")},
                "notice": notice,
                "identifiers": views_recalls.lines(typed(form, "identifiers")) or None,
            },
        )
        receipt = await recalling.open_recall(
            visit.desk(form),
            given.mode,
            given.identifiers,
            given.title,
            given.reason,
            given.cause,
            notice=given.notice,
            questions_seen=given.questions_seen,
        )
        return _began(visit, receipt)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        if refusal.code == RECORDING.code:  # tens of thousands of batches take a while
            asked = {"key": typed(form, "idempotency_key")[:100], "mode": typed(form, "mode")[:20]}
            return visit.go(f"/recalls/new/recording?{urlencode(asked)}")
        return visit.page(await run_in_threadpool(_new, visit, form, refusal), refusal.status)


@router.get("/recalls/new/recording")
async def recording(
    visit: VisitDep,
    key: Annotated[str, Query(max_length=100)] = "",
    mode: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Asks whether the recall has begun; sends nothing."""
    visit.need(Permission.RECALL_RUN)
    receipt = await recalling.opened(visit.desk(FormData({"idempotency_key": key})), mode)
    if receipt is not None:
        return visit.go(*_began(visit, receipt))
    here = f"/recalls/new/recording?{urlencode({'key': key, 'mode': mode})}"
    title = visit.words(f"recall.opening_{'drill' if mode == 'drill' else 'recall'}")
    return visit.page(OpeningPage(title=title, ask_href=here, form_href="/recalls"), 202)


@router.get("/recalls/{number:path}")
def one(visit: VisitDep, number: PageRecall) -> Response:
    """The cockpit, with the step that is due."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        page = cockpit(visit, session, number)
    return visit.page(page, drill=drill_words(page))


@router.get("/recalls/{number:path}/scope.{kind}")
def scope(visit: VisitDep, number: PageRecall, kind: str, version: int | None = None) -> Response:
    """A version of the scope, whole: as it is signed (JSON), or its lots as a table (CSV)."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        versions = recalls.scopes(session, recalls.get(session, number).id)
        chosen = next((each for each in versions if each.version == version), None) if version else versions[-1]
        if chosen is None or kind not in {"csv", "json"}:
            raise rules.UNKNOWN(recall=f"{number[:60]} v{version}")
        name = f"{number}-scope-v{chosen.version}.{kind}"
        if kind == "json":
            return recall_export.document(recalls.text_of(session, chosen), name)
        return recall_export.table(recalls.record_of(session, chosen)["lots"], recall_export.LOT_COLUMNS, name)


@router.get("/recalls/{number:path}/customers.csv")
def customers(visit: VisitDep, number: PageRecall) -> Response:
    """Every customer with quantities, notices and answers."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        found = queries_recalls.view(session, visit.principal, number)
        due = queries_recall_follow.next_reminder(session, recalls.get(session, number), visit.now)
        rows = views_recall_customers.customers(visit.words, found, reach_of(session, found), due)
    return recall_export.table(
        views_recall_customers.table(rows), views_recall_customers.COLUMNS, f"{number}-customers.csv"
    )


@router.get("/recalls/{number:path}/pulls.csv")
def errands(visit: VisitDep, number: PageRecall) -> Response:
    """Every place where goods are fetched, lot by lot."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        found = pulls.of_recall(session, recalls.get(session, number).id)
    return recall_export.table(views_recall_pulls.table(found), views_recall_pulls.COLUMNS, f"{number}-pulls.csv")


def _began(visit: Visit, receipt: Receipt) -> Done:
    number = str(receipt.data["recall_no"])
    said = visit.words("recall.began", number=number, lots=receipt.data["lots"], customers=receipt.data["customers"])
    return views_recalls.href(number), said


def _understood(visit: Visit, form: FormData) -> Response:
    """The form again with what the notice says; nothing is opened and nothing kept."""
    try:
        with visit.reading() as session:
            found = notice_intake.read(session, typed(form, "notice"))
    except Refusal as refusal:
        return visit.page(_new(visit, form, refusal), refusal.status)
    return visit.page(_new(visit, form, found=found))


def _new(
    visit: Visit,
    form: FormData | None = None,
    refusal: Refusal | None = None,
    prefill: dict[str, str] | None = None,
    found: Intake | None = None,
) -> NewRecallPage:
    blocked = None
    try:
        check_permission(visit.principal, Permission.RECALL_RUN)
    except Refusal as why:
        blocked = why
    if found is None and form is not None and typed(form, "notice"):
        with suppress(Refusal), visit.reading() as session:
            found = notice_intake.read(session, typed(form, "notice"))
    return views_recalls.new(
        visit.words, asked=form, prefill=prefill or {}, refusal=refusal, blocked=blocked, found=found
    )
