"""Login, logout and the person's own password on pages (21 CFR 11.10(d), 11.300); the rules are the API's."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.errors import refusal_for
from api.logging_in import log_in
from api.security import check_origin, clear_session_cookie, set_session_cookie
from models.rules import auth
from models.rules.refusals import Kind, Refusal
from models.rules.roles import ROLE_NAMES
from models.rules.signature import WRONG_PASSWORD
from models.store import demo, people, sessions
from models.store.act import reading
from models.store.passwords import verify_for_signing
from models.store.plant import CAST
from ui.pages.login import DemoPerson, LoginPage
from ui.pages.password import PasswordPage
from ui.routes_base import REFUSING, Visit, VisitDep, language_of, onward, safe_next, send, shell, typed

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
    """The form; after a session that ended it says so."""
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
    secrets = [value if isinstance(value := form.get(name), str) else "" for name in ("current", "new", "again")]
    try:
        await run_in_threadpool(_change, visit, *secrets)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(_password(visit, refusal), refusal.status)
    return visit.go("/inbox", visit.words("password.done"))


def _change(visit: Visit, current: str, new: str, again: str) -> None:
    if new != again:
        raise auth.PASSWORD_TWICE()
    auth.check_password_shape(new, visit.principal.login)
    proof = verify_for_signing(visit.engine, visit.principal.account_id, current[:200])
    match proof.result:
        case "locked":
            raise auth.LOCKED(failures=auth.MAX_FAILURES)
        case "accepted" | "must_change":
            pass
        case _:
            raise WRONG_PASSWORD(left=proof.left)
    with visit.act(reason="password changed") as session:
        people.change_password(session, visit.principal, current, new)


def _password(visit: Visit, refusal: Refusal | None = None) -> PasswordPage:
    return PasswordPage(must=visit.principal.must_change_password, least=auth.PASSWORD_LEAST, refusal=refusal)


def _login(request: Request, page: LoginPage, status: int = 200) -> Response:
    people, password = _demo(request)
    page = replace(page, demo=people, demo_password=password)
    return send(request, page, shell(request, language_of(request), datetime.now(UTC)), status)


def _demo(request: Request) -> tuple[tuple[DemoPerson, ...], str]:
    """Who a newcomer can be, where this database is the demo company's (its marker says so); nobody anywhere else."""
    try:
        with reading(request.app.state.engine) as session:
            if demo.state(session) not in {"begun", "ended"}:
                return (), ""
    except DBAPIError:
        return (), ""  # the page must stand while the database is down
    from runtime.demo.company import PASSWORD

    zh = language_of(request) == "zh"
    names = [
        DemoPerson(
            login=one.login, name=one.name, roles=" · ".join(ROLE_NAMES[role][0 if zh else 1] for role in one.roles)
        )
        for one in CAST
    ]
    return tuple(names), PASSWORD
