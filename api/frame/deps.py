"""What routes and pages depend on: the engine, the person behind the request, a permission, Temporal."""

from collections.abc import Callable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends
from sqlalchemy import Engine
from starlette.requests import HTTPConnection, Request
from temporalio.client import Client

from api.frame import doors
from api.frame.language import language
from api.frame.security import COOKIE, SAFE, bearer, check_csrf, csrf_given
from models.kernel.request import ENGINE_DOWN
from models.kernel.store.act import Actor, read_by
from models.kernel.time import clock
from models.person.rules import auth
from models.person.rules.auth import Principal, check_permission
from models.person.rules.roles import Permission
from models.person.store import sessions
from models.person.store.people import actor_of


def engine(connection: HTTPConnection) -> Engine:
    """The database, as the application role; what is read comes in the language that the request asks for."""
    found: Engine = connection.app.state.engine
    return read_by(found, language(connection))


def temporal(request: Request) -> Client:
    """The Temporal client; it connects when it is first used and again when the connection was lost."""
    client: Client | None = getattr(request.app.state, "temporal", None)
    if client is None:
        raise ENGINE_DOWN()
    return client


EngineDep = Annotated[Engine, Depends(engine)]
TemporalDep = Annotated[Client, Depends(temporal)]


def who(request: Request, *, touch: bool = True) -> Principal:
    """The person behind a request's cookie or bearer token, or AUTH-001, -003, -004, -007.  Asks the database."""
    database = engine(request)
    token = bearer(request)
    if token is not None:
        return sessions.find(database, token, kind="token")
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        raise auth.NOT_LOGGED_IN()
    return sessions.find(database, cookie, kind="cookie", touch=touch)


def check_clock(request: Request, found: Principal) -> None:
    """Refuse a change while the clocks are wrong: it is said at once, not after a long wait."""
    if request.method not in SAFE and found.clocks is not None and not request.url.path.endswith("/logout"):
        clock.check(found.clocks, found.zone)


def identified(request: Request, given: Annotated[str | None, Depends(csrf_given)]) -> Principal:
    """The person, also one who has yet to change the password."""
    principal = who(request)
    if principal.session_kind == "cookie":
        check_csrf(request, principal.csrf, given)
    check_clock(request, principal)
    doors.check(request, principal)
    return principal


def principal(request: Request, found: Annotated[Principal, Depends(identified)]) -> Principal:
    """The person; with a password that isn't their own yet they may look, and change nothing but the password."""
    if found.must_change_password and request.method not in SAFE:
        raise auth.MUST_CHANGE()
    return found


def onlooker(request: Request) -> Principal:
    """The person behind a live stream, whose session goes on growing old meanwhile."""
    found = who(request, touch=False)
    doors.check(request, found)
    return found


Onlooker = Annotated[Principal, Depends(onlooker)]
IdentifiedDep = Annotated[Principal, Depends(identified)]
PrincipalDep = Annotated[Principal, Depends(principal)]


def require(permission: Permission) -> Callable[..., Principal]:
    """A dependency that answers the person, or refuses with AUTH-005 and names the roles that may."""

    def allowed(found: PrincipalDep) -> Principal:
        check_permission(found, permission)
        return found

    return allowed


Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]


def actor(request: Request, found: Principal, **more: Any) -> Actor:
    """The actor of the transaction that serves this request."""
    more.setdefault("source_ref", f"{request.method} {request.url.path}"[:200])
    return actor_of(found, **more)


def mails(request: Request) -> bool:
    """Whether a mail server and a sender are set up."""
    given = request.app.state.settings
    return bool(given.smtp_host and given.mail_from)


def zone_of(found: Principal) -> ZoneInfo:
    """The plant's zone of this person."""
    return ZoneInfo(found.zone)
