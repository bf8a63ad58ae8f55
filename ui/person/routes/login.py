"""Login, logout and the person's own password on pages (21 CFR 11.10(d), 11.300); the rules are the API's."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.frame.problem.errors import refusal_for
from api.frame.security import check_origin, clear_session_cookie, set_session_cookie
from api.person.logging_in import in_turn, log_in
from api.person.routes.auth import prove
from models.kernel.refusal import Kind
from models.kernel.store.act import reading
from models.person.rules import auth, credential
from models.person.rules.known_roles import role_name
from models.person.store import credentials, people, sessions
from models.plant.store import demo
from models.plant.store.founded import founded
from models.plant.store.plant import CAST
from ui.frame import record_time
from ui.frame.visit import REFUSING, Visit, VisitDep, language_of, onward, safe_next, send, shell, typed
from ui.person.page.login import DemoPerson, LoginPage, WelcomePage
from ui.person.page.password import PasswordPage

router = APIRouter()

ENDED: dict[str, Kind] = {kind.code: kind for kind in (auth.DISABLED, auth.EXPIRED)}


@router.get("/")
def root() -> Response:
    """The inbox is the first page."""
    return RedirectResponse("/inbox", 303)


@router.get("/login")
def login_page(
    request: Request,
    next_href: Annotated[str, Query(alias="next")] = "/inbox",
    why: str = "",
) -> Response:
    """The form; after a session that ended it says so, and where no plant was founded yet, that comes first."""
    if _no_plant(request):
        return RedirectResponse("/found", 303)
    refusal = auth.LOCKED(failures=auth.MAX_FAILURES) if why == auth.LOCKED.code else None
    if why in ENDED:
        refusal = ENDED[why]()
    return _login(request, LoginPage(next_href=safe_next(next_href), refusal=refusal))


@router.post("/login")
async def login(request: Request) -> Response:
    """Proves the password and opens the session; a refusal keeps the name and forgets the password."""
    form = await request.form()
    name, password = typed(form, "login"), form.get("password")
    href = safe_next(typed(form, "next"))
    try:
        check_origin(request)
        secret = password if isinstance(password, str) else ""
        if not name or not secret:
            raise auth.WRONG_LOGIN(failures=auth.MAX_FAILURES)
        session = await log_in(request, name[:64], secret[:200])
    except REFUSING as error:
        refusal = refusal_for(request, error)[0]
        page = LoginPage(login=name[:64], next_href=href, refusal=refusal)
        return await run_in_threadpool(_login, request, page, refusal.status)
    response = RedirectResponse(href, 303)
    set_session_cookie(request, response, session)
    return response


@router.get("/welcome")
def welcome(request: Request) -> Response:
    """Somebody has a one-time code."""
    return _welcome(request, WelcomePage())


@router.get("/welcome/{token}")
async def welcome_by_mail(request: Request, token: str) -> Response:
    """Somebody opened the link in a mail."""
    return await _opened(request, "", token)


@router.post("/welcome")
async def first_sign_in(request: Request) -> Response:
    """The code first; with the own password and the confirmed name, the person is in."""
    form = await request.form()
    login, code = typed(form, "login")[:64], typed(form, "code")[:200]
    if "new" not in form:
        return await _opened(request, login, code)
    state, secrets = request.app.state, [_raw(form, name) for name in ("new", "again")]
    name, binding = typed(form, "name")[:500], typed(form, "binding") == "true"
    try:
        check_origin(request)
        if secrets[0] != secrets[1]:
            raise auth.PASSWORD_TWICE()
        given = credentials.First(login, code, name or None, binding, secrets[0][:200])
        session = await in_turn(request, credentials.first_sign_in, state.engine, state.secret, given, "web")
    except REFUSING as error:
        refusal = refusal_for(request, error)[0]
        page = WelcomePage(login=login, code=code, typed_name=name, binding=binding, refusal=refusal)
        return await run_in_threadpool(_named, request, page, refusal.status)
    response = RedirectResponse("/inbox", 303)
    set_session_cookie(request, response, session)
    return response


async def _opened(request: Request, login: str, code: str) -> Response:
    """The second step where the code fits, else the first one again."""
    state = request.app.state
    try:
        if request.method == "POST":
            check_origin(request)
        found = await in_turn(request, credentials.owner, state.engine, state.secret, login, code)
    except REFUSING as error:
        refusal = refusal_for(request, error)[0]
        return await run_in_threadpool(_welcome, request, WelcomePage(login=login, refusal=refusal), refusal.status)
    page = WelcomePage(login=login, code=code, token=not login, name=found.name)
    return await run_in_threadpool(_welcome, request, page)


def _named(request: Request, page: WelcomePage, status: int) -> Response:
    """A refused second step with its name, as long as the code still fits."""
    state = request.app.state
    try:
        found = credentials.owner(state.engine, state.secret, page.login, page.code)
    except REFUSING:
        return _welcome(request, WelcomePage(login=page.login, refusal=page.refusal), status)
    return _welcome(request, replace(page, name=found.name, token=not page.login), status)


def _welcome(request: Request, page: WelcomePage, status: int = 200) -> Response:
    response = send(request, page, shell(request, language_of(request), record_time.now(request)), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _raw(form: FormData, name: str) -> str:
    """A password as typed, blanks and all."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


@router.post("/logout")
def logout(request: Request, visit: VisitDep) -> Response:
    """Ends the session; the cookie is worthless afterwards."""
    with visit.act() as session:
        sessions.end(session, visit.principal.session_id)
    response = onward(request, "/login")
    clear_session_cookie(request, response)
    return response


@router.get("/password")
def password_page(visit: VisitDep) -> Response:
    """The form."""
    return visit.page(_password(visit))


@router.post("/password")
async def change_password(visit: VisitDep) -> Response:
    """The present password proves the person again; a wrong one counts towards the lock."""
    form = await visit.form()
    secrets = [_raw(form, name) for name in ("current", "new", "again")]
    name, binding = typed(form, "name")[:500], typed(form, "binding") == "true"
    try:
        if not visit.principal.certified:
            credential.check_certified(name or None, visit.principal.name, binding=binding)
        await run_in_threadpool(_change, visit, *secrets)
    except REFUSING as error:
        refusal = visit.refusal(error)
        page = replace(_password(visit), typed_name=name, binding=binding, refusal=refusal)
        return visit.page(page, refusal.status)
    return visit.go("/inbox", visit.words("password.done"))


def _change(visit: Visit, current: str, new: str, again: str) -> None:
    if new != again:
        raise auth.PASSWORD_TWICE()
    auth.check_password_shape(new, visit.principal.login)
    prove(visit.request, visit.principal, current[:200])
    with visit.act(reason="password changed") as session:
        people.change_password(session, visit.principal, current, new, certified=True)


def _password(visit: Visit) -> PasswordPage:
    who = visit.principal
    return PasswordPage(
        must=who.must_change_password, certify="" if who.certified else who.name, least=auth.PASSWORD_LEAST
    )


def _login(request: Request, page: LoginPage, status: int = 200) -> Response:
    people, password = _demo(request)
    page = replace(page, demo=people, demo_password=password)
    return send(request, page, shell(request, language_of(request), record_time.now(request)), status)


def _no_plant(request: Request) -> bool:
    """Whether nobody can have a login yet; asked until there is a plant, then never again."""
    if getattr(request.app.state, "founded", False):
        return False
    try:
        with reading(request.app.state.engine) as session:
            request.app.state.founded = founded(session)
    except DBAPIError:
        return False  # the page must stand while the database is down
    return not request.app.state.founded


def _demo(request: Request) -> tuple[tuple[DemoPerson, ...], str]:
    """Who a newcomer can be, where this database is the demo company's (its marker says so); nobody anywhere else."""
    try:
        with reading(request.app.state.engine) as session:
            if demo.state(session) not in {"begun", "ended"}:
                return (), ""
    except DBAPIError:
        return (), ""  # the page must stand while the database is down
    from runtime.demo.company.ground import PASSWORD

    zh = language_of(request) == "zh"
    names = [
        DemoPerson(
            login=one.login,
            name=one.name if zh else one.name_en,
            roles=" · ".join(role_name(role, language_of(request)) for role in one.roles),
        )
        for one in CAST
    ]
    return tuple(names), PASSWORD
