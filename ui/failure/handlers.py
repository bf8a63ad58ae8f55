"""Every "no" on a page is a page: the refusal's own sentence with its status; what is for machines stays a problem.

Nobody logged in → the login page, and from there back to where one wanted to go.
"""

import logging
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from temporalio.service import RPCError

from api.frame.deps import who
from api.frame.problem.errors import answer, refusal_for
from models.kernel.refusal import Refusal
from models.kernel.request import FAULT, INVALID, NOT_FOUND
from models.person.rules.auth import Principal
from ui.failure.page import FailurePage
from ui.frame import record_time
from ui.frame.headers import for_people
from ui.frame.visit import ElsewhereError, LoginNeededError, language_of, onward, own_path, send, shell

KINDS = (Refusal, RequestValidationError, HTTPException, DBAPIError, RPCError, RuntimeError, Exception)
QUIET = {"AUTH-001"}  # a first visit needs no reproach
log = logging.getLogger("batchwright.ui")


def install(app: FastAPI) -> None:
    """Answer the errors of pages with pages; must come after the API's own handlers."""
    for kind in KINDS:
        app.add_exception_handler(kind, failed)
    app.add_exception_handler(LoginNeededError, login_needed)
    app.add_exception_handler(ElsewhereError, elsewhere)


async def failed(request: Request, error: Exception) -> Response:
    """Any error, as a page or as a problem."""
    if not for_people(request.url.path):
        return await answer(request, error)
    if isinstance(error, HTTPException) and 300 <= error.status_code < 400 and error.headers:
        return RedirectResponse(error.headers["location"], error.status_code)
    refusal = _bad_address(error) or refusal_for(request, error)[0]
    return await run_in_threadpool(failure, request, refusal)


async def login_needed(request: Request, error: Exception) -> Response:
    """To the login page, which says why and knows the way back."""
    code = error.refusal.code if isinstance(error, LoginNeededError) else ""
    why = "" if code in QUIET or not code else f"&why={code}"
    return onward(request, f"/login?next={quote(own_path(request), safe='')}{why}")


async def elsewhere(request: Request, error: Exception) -> Response:
    """To the page that comes first."""
    return onward(request, error.href if isinstance(error, ElsewhereError) else "/inbox")


def failure(request: Request, refusal: Refusal) -> Response:
    """The page of a refusal, in the frame of whoever is logged in."""
    frame = shell(request, language_of(request), record_time.now(request), _maybe(request))
    known = {NOT_FOUND.code}  # the page's own sentence says more to a person than "nothing at this address"
    page = FailurePage(
        status=refusal.status,
        refusal=None if refusal.code in known | {FAULT.code} else refusal,
        reference=refusal.params.get("incident", ""),
    )
    return send(request, page, frame, refusal.status)


def _bad_address(error: Exception) -> Refusal | None:
    """An address that has no such shape (`/tasks/abc`) is an address where nothing is."""
    if isinstance(error, RequestValidationError):
        where = {str(one["loc"][0]) for one in error.errors() if one.get("loc")}
        return NOT_FOUND() if where <= {"path", "query"} else INVALID(count=len(error.errors()))
    return None


def _maybe(request: Request) -> Principal | None:
    """Whoever is logged in; nobody when even that can't be asked."""
    try:
        return who(request, touch=False)
    except Exception as error:  # noqa: BLE001 - the page of an error must not fail for the same reason as the page
        log.debug("nobody for an error page: %s", error)
        return None
