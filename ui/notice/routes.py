"""The page behind the link of a notice, without login, and the printed letter that carries it (REQUIREMENTS 77).

The link is the proof: signed by us, good for one answer and for a time.  A forged one is 404, an old one 410, a used
one 409 with what was answered; nothing but the notice can be read through it.
"""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from api.frame.deps import temporal
from api.frame.doors import Door, Doors
from api.frame.problem.errors import refusal_for
from api.frame.security import check_origin
from api.recall import begin as recalling
from api.recall.paths import PageRecall
from api.register.paths import CustomerNumber
from models.kernel.refusal import Refusal
from models.kernel.store.act import now, reading
from models.kernel.time import moments
from models.notice.rules import links as notice_links
from models.notice.store import deliveries
from models.person.queries.site import site_names
from models.person.rules.roles import Permission
from models.recall.queries import contacts as queries_page_recalls
from models.recall.queries import recalls as queries_recalls
from models.recall.queries.views import NoticeView
from models.recall.rules import recall as rules
from models.recall.store import recalls, sending
from ui.frame import i18n, record_time
from ui.frame.render import Page
from ui.frame.visit import REFUSING, Visit, VisitDep, language_of, send, shell
from ui.notice.forms import answer_in, receivers_in
from ui.notice.page.notice import AnsweredPage
from ui.notice.view import notice as views_notice
from workflows.temporal.start import PENDING

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Door.ANYBODY: """
        GET /n/{token}
        POST /n/{token}
    """,
    Permission.RECORD_READ: """
        GET /recalls/{number:path}/letters/{customer_no:path}
        GET /recalls/{number:path}/notices/{notice_id}
    """,
    Permission.RECALL_RUN: """
        POST /recalls/{number:path}/notices/{notice_id}/posted
    """,
}


@dataclass(frozen=True)
class Caller:
    """Whoever opened the link: nobody we know, reading one notice."""

    request: Request
    seen: NoticeView
    site: tuple[str, str]
    language: i18n.Language

    @property
    def words(self) -> i18n.Words:
        """The catalogue in the reader's language."""
        return i18n.Words(self.language)

    def page(self, page: Page, status: int = 200) -> Response:
        """The page, in a frame without person; a drill wears its band here too."""
        drill = self.seen.recall_no if self.seen.mode == "drill" else ""
        response = send(
            self.request, page, shell(self.request, self.language, record_time.now(self.request), drill=drill), status
        )
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def shut(self) -> Refusal | None:
        """Why nothing can be answered any more."""
        notice = self.seen.notice
        if notice.acknowledged_at is not None and notice.unnamed <= notice.waiting:
            zone = self.request.app.state.settings.zone
            return rules.LINK_USED(at=moments.day(notice.acknowledged_at, zone))
        if notice.link_expires_at < record_time.now(self.request):
            return rules.LINK_OLD()
        return rules.CLOSED(recall=self.seen.recall_no) if self.seen.status != "open" else None


@router.get("/n/{token}")
def read_notice(request: Request, token: str) -> Response:
    """What is recalled and the form; where the link is used up, why."""
    try:
        caller = _caller(request, token)
    except Refusal as refusal:
        return _unknown(request, refusal)
    shut = caller.shut()
    if shut is not None:
        page = views_notice.answered_page(caller.words, caller.seen, caller.site, shut)
        return caller.page(page, shut.status)
    return caller.page(_form(request, caller, token))


def _form(
    request: Request, caller: Caller, token: str, form: FormData | None = None, refusal: Refusal | None = None
) -> Page:
    """The answer is asked for; once it is there, whom the rest of what was passed on went to."""
    until = _until(request, caller)
    if caller.seen.notice.acknowledged_at is not None:
        return views_notice.naming_page(caller.words, caller.seen, caller.site, until, token, form, refusal)
    return views_notice.answer_page(caller.words, caller.seen, caller.site, until, token, form, refusal)


@router.post("/n/{token}")
async def answer(request: Request, token: str) -> Response:
    """Take the answer, once, then whom goods went to; a refused one comes back with everything that was typed."""
    form = await request.form()
    try:
        check_origin(request)
        caller = await run_in_threadpool(_caller, request, token)
    except Refusal as refusal:
        return await run_in_threadpool(_unknown, request, refusal)
    try:
        if caller.seen.notice.acknowledged_at is not None and "received" not in form:
            await recalling.receivers(
                request.app.state.engine, temporal(request), caller.seen, token, receivers_in(form)
            )
        else:
            await recalling.answer(request.app.state.engine, temporal(request), caller.seen, token, answer_in(form))
    except REFUSING as error:
        return await run_in_threadpool(_refused, request, token, caller, form, refusal_for(request, error)[0])
    return await run_in_threadpool(_thanks, request, token)


@router.get("/recalls/{number:path}/notices/{notice_id}")
def letter(visit: VisitDep, number: PageRecall, notice_id: UUID) -> Response:
    """The letter to one customer, to print or to send, with their own link."""
    return _letter(visit, number, notice_id)


@router.get("/recalls/{number:path}/letters/{customer_no:path}")
def unsent(visit: VisitDep, number: PageRecall, customer_no: CustomerNumber) -> Response:
    """The letter that a customer would get now; nothing is sent."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        seen = queries_recalls.letter(session, number, customer_no)
        reach = queries_page_recalls.contacts(session, {customer_no})
        site = site_names(session)
    until = moments.plant_day(seen.notice.link_expires_at, visit.request.app.state.settings.zone)
    page = views_notice.letter_page(visit.words, seen, site, "", until, reach, unsent=True)
    return visit.page(page, drill=f"{number} {seen.title}" if seen.mode == "drill" else "")


@router.post("/recalls/{number:path}/notices/{notice_id}/posted")
def posted(visit: VisitDep, number: PageRecall, notice_id: UUID) -> Response:
    """Somebody has printed and posted it."""
    try:
        visit.need(Permission.RECALL_RUN)
        with visit.act() as session:
            sending.posted(session, notice_id, visit.principal.person_id, now(session))
    except REFUSING as error:
        return _letter(visit, number, notice_id, visit.refusal(error))
    return visit.go(f"/recalls/{quote(number, safe='')}/notices/{notice_id}", visit.words("delivery.posted"))


def _letter(visit: Visit, number: str, notice_id: UUID, refusal: Refusal | None = None) -> Response:
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        seen = queries_recalls.notice(session, notice_id)
        if seen.recall_no != number:
            raise rules.UNKNOWN(recall=number[:80])
        reach = queries_page_recalls.contacts(session, {seen.notice.customer_no})
        sent = deliveries.of_recall(session, recalls.get(session, number).id).get(notice_id, ())
        site = site_names(session)
    state = visit.request.app.state
    token = notice_links.make(state.secret, notice_id)
    link = ""
    if visit.may(Permission.RECALL_RUN):  # whoever has the link answers in the customer's name
        here = str(visit.request.url.replace(path="", query="", fragment=""))
        link = f"{state.settings.public_url or here.rstrip('/')}/n/{token}"
    until = moments.plant_day(seen.notice.link_expires_at, state.settings.zone)
    page = views_notice.letter_page(visit.words, seen, site, link, until, reach, sent=sent, refusal=refusal)
    status = refusal.status if refusal else 200
    return visit.page(page, status, drill=f"{number} {seen.title}" if seen.mode == "drill" else "")


def _caller(request: Request, token: str) -> Caller:
    notice_id = notice_links.read(request.app.state.secret, token)
    seen = recalling.notice(request.app.state.engine, notice_id)
    with reading(request.app.state.engine) as session:
        site = site_names(session)
    return Caller(request, seen, site, language_of(request))


def _unknown(request: Request, refusal: Refusal) -> Response:
    """A link that we never made: nothing about any recall is said."""
    frame = shell(request, language_of(request), record_time.now(request))
    return send(request, AnsweredPage(site="", refusal=refusal), frame, refusal.status)


def _until(request: Request, caller: Caller) -> date:
    """The plant's day on which the link ends."""
    return moments.plant_day(caller.seen.notice.link_expires_at, request.app.state.settings.zone)


def _refused(request: Request, token: str, caller: Caller, form: FormData, refusal: Refusal) -> Response:
    if refusal.code == PENDING.code:  # it may have arrived; the record says
        again = _caller(request, token)
        if again.seen.notice.acknowledged_at != caller.seen.notice.acknowledged_at:
            return _thanks(request, token)
    if refusal.code in {rules.LINK_USED.code, rules.LINK_OLD.code, rules.CLOSED.code}:
        again = _caller(request, token)
        return again.page(views_notice.answered_page(again.words, again.seen, again.site, refusal), refusal.status)
    return caller.page(_form(request, caller, token, form, refusal), refusal.status)


def _thanks(request: Request, token: str) -> Response:
    caller = _caller(request, token)
    return caller.page(views_notice.answered_page(caller.words, caller.seen, caller.site))
