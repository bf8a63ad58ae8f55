"""What every page route shares: who looks, in which language, how a page is sent and how a person is sent on.

    @router.get("/lots")
    def lots(visit: VisitDep) -> Response:
        with visit.reading() as session:
            return visit.page(LotsPage(...))

A form's route takes what was typed with `form = await visit.form()`, does the act at `visit.desk(form)` and ends with
`visit.go("/lots/H-1", notice)`.  A refusal caught with `except REFUSING as error` becomes the same page again with
`visit.refusal(error)` and its status, so the answer stands where the person stands (DESIGN 2.5).
"""

from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Depends
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from temporalio.service import RPCError

from api.frame import doors
from api.frame.deps import actor, check_clock, temporal, who, zone_of
from api.frame.deps import engine as engine_of
from api.frame.problem.errors import refusal_for
from api.frame.security import check_csrf, csrf_given
from api.process.acts import Desk, plain_by
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, read_by, reading
from models.person.queries.site import site_language, site_name
from models.person.rules.auth import Principal, StandIn, check_permission
from models.person.rules.known_roles import role_name
from models.person.rules.roles import Permission
from models.process.messages.process import By
from ui.frame import record_time
from ui.frame.i18n import Language, Words, choose
from ui.frame.render import Page, Person, Shell, render, render_part
from ui.frame.words.units import in_words

REFUSING = (Refusal, DBAPIError, RPCError, RuntimeError)
"""What an act may end with instead of a receipt; `Visit.refusal` says it in words."""

NOTICE = "notice"
LANG = "lang"
YEAR = 365 * 24 * 3600
OPEN_WITHOUT_OWN_PASSWORD = frozenset({"/password", "/logout"})


class LoginNeededError(Exception):
    """Nobody is logged in, or the session has ended; `refusal` says which."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class ElsewhereError(Exception):
    """The person has to go to another page first."""

    def __init__(self, href: str) -> None:
        super().__init__(href)
        self.href = href


@dataclass(frozen=True)
class Visit:
    """One request of one person."""

    request: Request
    principal: Principal
    language: Language
    now: datetime

    @property
    def words(self) -> Words:
        """The catalogue in the person's language."""
        return Words(self.language)

    @property
    def engine(self) -> Engine:
        """The database, read in the person's language."""
        return read_by(engine_of(self.request), self.language)

    @property
    def live(self) -> bool:
        """Whether htmx asks and swaps the answer into the page."""
        return self.request.headers.get("hx-request") == "true"

    def by(self, absent: StandIn | None = None) -> By:
        """The person, perhaps in somebody's stead, as acts and previews name them."""
        return plain_by(self.principal, "web", absent)

    def reading(self) -> AbstractContextManager[Session]:
        """A read-only snapshot."""
        return reading(self.engine)

    def act(self, *, reason: str = "") -> AbstractContextManager[Session]:
        """A transaction of this person, for commands that don't go through a workflow."""
        return act(self.engine, actor(self.request, self.principal, reason=reason))

    def need(self, permission: Permission) -> None:
        """Refuse what the person's roles don't allow (AUTH-005)."""
        check_permission(self.principal, permission)

    def may(self, permission: Permission) -> bool:
        """Whether the person's roles allow it."""
        return self.principal.may(permission)

    async def form(self) -> FormData:
        """What was typed; why a label is right all the same stands in the next refusal too, whatever that is about."""
        form = await self.request.form()
        self.request.state.label_reason = typed(form, "label_reason")
        return form

    def desk(self, form: FormData) -> Desk:
        """Where the act is done.  The key in the form makes a second press the same act as the first."""
        key = typed(form, "idempotency_key")[:100]
        return Desk(self.engine, temporal(self.request), self.principal, "web", key or None)

    def refusal(self, error: Exception) -> Refusal:
        """Any of `REFUSING` in words; what nobody foresaw is a fault with an incident number."""
        return in_words(refusal_for(self.request, error)[0])

    def shell(self, *, notice: str = "", drill: str = "") -> Shell:
        """What the page knows beside its own context."""
        return shell(self.request, self.language, self.now, self.principal, notice=notice, drill=drill)

    def page(self, page: Page, status: int = 200, *, drill: str = "") -> Response:
        """The whole page, with the notice that waits for the person."""
        notice = unquote(self.request.cookies.get(NOTICE, ""))[:500]
        response = send(self.request, page, self.shell(notice=notice, drill=drill), status)
        if notice:
            response.delete_cookie(NOTICE, path="/", httponly=True, samesite="lax")
        return response

    def part(self, page: Page, status: int = 200, *, template: str = "") -> Response:
        """The page, or one partial of it, for htmx to pick from; a waiting notice waits for the next whole page."""
        return HTMLResponse(render_part(template or page.template, page, self.shell()), status)

    def go(self, href: str, notice: str = "") -> Response:
        """On to another page of ours, which says `notice` first."""
        response = onward(self.request, href)
        if notice:
            response.set_cookie(NOTICE, quote(notice), max_age=120, path="/", httponly=True, samesite="lax")
        return response


def visit(request: Request, given: Annotated[str | None, Depends(csrf_given)]) -> Visit:
    """The visit of whoever is logged in, checked against forged forms; everybody else is asked to log in."""
    try:
        principal = who(request)
    except Refusal as refusal:
        raise LoginNeededError(refusal) from None
    check_csrf(request, principal.csrf, given)
    if principal.must_change_password and request.url.path not in OPEN_WITHOUT_OWN_PASSWORD:
        raise ElsewhereError("/password")
    check_clock(request, principal)
    doors.check(request, principal)
    return Visit(request, principal, language_of(request), record_time.now(request))


def onlooker(request: Request) -> Visit:
    """A page that asks by itself: it must not keep the session of somebody who went away alive."""
    try:
        principal = who(request, touch=False)
    except Refusal as refusal:
        raise LoginNeededError(refusal) from None
    doors.check(request, principal)
    return Visit(request, principal, language_of(request), record_time.now(request))


VisitDep = Annotated[Visit, Depends(visit)]
OnlookerDep = Annotated[Visit, Depends(onlooker)]


def language_of(request: Request) -> Language:
    """What the address asks for, what the cookie remembers, then the plant's own."""
    remembered = request.cookies.get(LANG) or _site_language(request)
    return choose(request.query_params.get(LANG), remembered)


def shell(
    request: Request,
    language: Language,
    now: datetime,
    principal: Principal | None = None,
    *,
    notice: str = "",
    drill: str = "",
) -> Shell:
    """The frame of a page, also for somebody who isn't logged in."""
    person = None
    if principal is not None:
        names = tuple(role_name(role, language) for role in sorted(principal.roles))
        person = Person(
            login=principal.login, name=Words(language).name(principal.name, principal.name_en), roles=names
        )
    return Shell(
        language=language,
        zone=zone_of(principal) if principal else ZoneInfo(request.app.state.settings.site_zone),
        now=now,
        path=own_path(request),
        csrf=principal.csrf if principal else "",
        person=person,
        site=_site(request, language) if principal else "",
        notice=notice,
        drill=drill,
        label_reason=getattr(request.state, "label_reason", ""),
        test=record_time.in_test_home(request),
        search_text=request.query_params.get("text", "")[:200] if request.url.path == "/search" else "",
    )


def send(request: Request, page: Page, frame: Shell, status: int = 200) -> HTMLResponse:
    """The page as the answer; a language that was asked for is remembered."""
    response = HTMLResponse(render(page, frame), status, {"Content-Language": frame.language})
    if request.query_params.get(LANG) in {"zh", "en"}:
        response.set_cookie(LANG, frame.language, max_age=YEAR, path="/", samesite="lax")
    return response


def onward(request: Request, href: str) -> Response:
    """To another page: 303 for a plain form, `HX-Redirect` where htmx would swap the other page into this one."""
    if request.headers.get("hx-request") == "true":
        return Response(status_code=200, headers={"HX-Redirect": href})
    return RedirectResponse(href, 303)


def own_path(request: Request) -> str:
    """Where the person is, without the wish for a language; of what a page sends, the page it stands on."""
    if request.method not in {"GET", "HEAD"} or "hx-current-url" in request.headers:
        sent_from = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "")
        if sent_from.netloc == request.headers.get("host", ""):
            return _without_language(sent_from.path, sent_from.query)
        return "/inbox"
    return _without_language(request.url.path, request.url.query)


def safe_next(href: str) -> str:
    """Where to go after login: only to a page of ours; browsers read `//elsewhere` as another site."""
    ours = href.startswith("/") and not href.startswith(("//", "/\\", "/login", "/logout"))
    return href if ours and href.isprintable() else "/inbox"


def typed(form: FormData, name: str) -> str:
    """One typed value, trimmed; nothing for nothing."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def all_typed(form: FormData, name: str) -> tuple[str, ...]:
    """All values of a repeated field, as typed, in their order: lines keep their places."""
    return tuple(value.strip() for value in form.getlist(name) if isinstance(value, str))


_still: ContextVar[str] = ContextVar("still", default="")


def keep_key(key: str) -> None:
    """For the rest of this request: the form was sent and nobody knows yet what became of it."""
    _still.set(key)


def new_key() -> str:
    """The key of a fresh form; the same form sent twice is one act."""
    return _still.get() or str(uuid4())


def _without_language(path: str, query: str) -> str:
    rest = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != LANG]
    return quote(unquote(path), safe="/:@!$&'()*+,;=~-._") + (f"?{urlencode(rest)}" if rest else "")


def _site_language(request: Request) -> str:
    """The plant's language, as it was founded with; before, and where none was said, the setting's."""
    known: str = getattr(request.app.state, "site_language", "")
    if known:
        return known
    try:
        with reading(engine_of(request)) as session:
            said = site_language(session)
    except DBAPIError:
        said = None  # the page must stand while the database is down
    language = said or str(request.app.state.settings.language)
    if said is not None:
        request.app.state.site_language = language
    return language


def _site(request: Request, language: Language) -> str:
    """The plant's name, asked for once per process and language."""
    known: dict[str, str] = getattr(request.app.state, "site_names", {})
    if not known.get(language):
        with reading(read_by(engine_of(request), language)) as session:
            known = request.app.state.site_names = {**known, language: site_name(session)}
    return known[language]
