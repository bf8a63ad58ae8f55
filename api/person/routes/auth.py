"""Login, logout, the person behind a session, and the person's own password (21 CFR 11.10(d), 11.300)."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.frame.deps import EngineDep, IdentifiedDep, PrincipalDep, actor, who
from api.frame.doors import API
from api.frame.security import check_origin, clear_session_cookie, set_session_cookie
from api.person.logging_in import in_turn, log_in
from api.person.schemas.auth import FirstInput, LoginInput, Me, OwnAccountInput, PasswordInput, me
from models.kernel.request import MALFORMED
from models.kernel.store.act import act
from models.person.rules import auth, credential
from models.person.rules.auth import Principal
from models.person.store import credentials, people, sessions
from models.person.store.passwords import verify_for_signing
from models.process.sign.sign import WRONG_PASSWORD

router = APIRouter(prefix=API, tags=["people"])

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": LoginInput.model_json_schema()}
            for kind in ("application/json", "application/x-www-form-urlencoded")
        },
    }
}


@router.post("/auth/login", summary="Log in", openapi_extra=_BODY)
async def login(request: Request, response: Response) -> Me:
    """Takes JSON or a form; answers the person and the CSRF token, and sets the session cookie."""
    check_origin(request)
    given = await _login_input(request)
    engine = request.app.state.engine
    session = await log_in(request, given.login, given.password.get_secret_value())
    set_session_cookie(request, response, session)
    principal = await run_in_threadpool(sessions.find, engine, session.token, kind="cookie")
    return me(principal)


@router.post("/auth/logout", status_code=204, summary="Log out")
def logout(request: Request, engine: EngineDep, principal: IdentifiedDep) -> Response:
    """Ends this session; the cookie is worthless afterwards, also where somebody copied it."""
    with act(engine, actor(request, principal)) as session:
        sessions.end(session, principal.session_id)
    response = Response(status_code=204)
    clear_session_cookie(request, response)
    return response


@router.get("/me", summary="Who am I, and what may I do")
def read_me(principal: IdentifiedDep) -> Me:
    """The person, their roles and permissions, and whom they stand in for."""
    return me(principal)


@router.post("/auth/change-password", summary="Change my password")
def change_password(
    request: Request, response: Response, engine: EngineDep, principal: IdentifiedDep, body: PasswordInput
) -> Me:
    """The present password proves the person again; a wrong one counts towards the lock.

    Where somebody else had set it, `name` and `binding` certify who one is (21 CFR 11.100(b)).
    """
    current, new = body.current.get_secret_value(), body.new.get_secret_value()
    auth.check_password_shape(new, principal.login)
    if not principal.certified:
        credential.check_certified(body.name, principal.name, binding=body.binding)
    prove(request, principal, current)
    with act(engine, actor(request, principal, reason="password changed")) as session:
        people.change_password(session, principal, current, new, certified=True)
    response.headers["Cache-Control"] = "no-store"
    return me(who(request))


@router.post("/auth/first-sign-in", summary="Use a one-time code")
async def first_sign_in(request: Request, response: Response, body: FirstInput) -> Me:
    """Sets the own password, certifies who one is, and opens the session; a code is good once."""
    check_origin(request)
    state = request.app.state
    given = credentials.First(
        body.login, body.code.get_secret_value(), body.name, body.binding, body.new.get_secret_value()
    )
    session = await in_turn(request, credentials.first_sign_in, state.engine, state.secret, given, "api")
    set_session_cookie(request, response, session)
    response.headers["Cache-Control"] = "no-store"
    return me(await run_in_threadpool(sessions.find, state.engine, session.token, kind="cookie"))


@router.post("/me/accounts", status_code=204, summary="One more login of mine")
def add_own_account(request: Request, engine: EngineDep, principal: PrincipalDep, body: OwnAccountInput) -> None:
    """Nobody else makes a second one; two logins of one person are one signer."""
    if principal.session_kind != "cookie":
        raise auth.MACHINE()
    credential.check_certified(body.name, principal.name, binding=body.binding)
    prove(request, principal, body.current.get_secret_value())
    with act(engine, actor(request, principal)) as session:
        people.add_own_account(session, principal, body.login, body.new.get_secret_value())


def prove(request: Request, principal: Principal, password: str) -> None:
    """Refuse where the present password isn't the one; it counts towards the lock."""
    proof = verify_for_signing(request.app.state.engine, principal.account_id, password)
    match proof.result:
        case "locked":
            raise auth.LOCKED(failures=auth.MAX_FAILURES)
        case "accepted" | "must_change":
            pass
        case _:
            raise WRONG_PASSWORD(left=proof.left)


async def _login_input(request: Request) -> LoginInput:
    kind = request.headers.get("content-type", "application/json")
    if kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        data: Any = dict(await request.form())
    else:
        try:
            data = await request.json()
        except (ValueError, RecursionError) as error:
            raise MALFORMED(why=str(error)[:120]) from None
    try:
        return LoginInput.model_validate(data)
    except ValidationError as error:
        wrong = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False, include_input=False)]
        raise RequestValidationError(wrong) from None
