"""Every "no" of the API in one shape: problem details (RFC 9457) with code, clause and the sentence in both languages.

Nothing of the machine's inside is shown: a fault gets an incident number that stands in the log beside the trace.
"""

import logging
import secrets

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from temporalio.service import RPCError, RPCStatusCode

from api.frame import addresses
from api.frame.language import language
from api.frame.problem.fields import FieldProblem, field_problems
from models.kernel import request as requests
from models.kernel.refusal import Refusal
from models.kernel.store.walls import refusal_of
from models.kernel.text import Text

MEDIA_TYPE = "application/problem+json"
REFERENCE = "/docs/reference/refusals"
TITLES = {
    400: Text("请求无法理解", "Bad request"),
    401: Text("需要登录", "Not logged in"),
    403: Text("不允许", "Not allowed"),
    404: Text("没有找到", "Not found"),
    405: Text("不接受此方式", "Method not allowed"),
    409: Text("现在不能这样做", "Not possible now"),
    413: Text("内容过大", "Too large"),
    422: Text("填写不正确", "Not right"),
    429: Text("尝试过多", "Too many tries"),
    500: Text("系统出错", "Fault"),
    503: Text("暂时不可用", "Not available now"),
}
log = logging.getLogger("batchwright.api")


class Problem(BaseModel):
    """A refusal as it travels (RFC 9457); `detail` is `zh` or `en` by the reader's language."""

    type: str = Field(examples=[f"{REFERENCE}#LOT-003"])
    title: str
    status: int
    code: str = Field(examples=["LOT-003"])
    clause: str = Field(examples=["ISO 13485 8.3.1"])
    detail: str
    zh: str
    en: str
    params: dict[str, str] = {}
    problems: list[FieldProblem] = []


def problem(request: Request, refusal: Refusal, problems: list[FieldProblem] | None = None) -> JSONResponse:
    """The answer for a refusal."""
    wanted = language(request)
    titles = TITLES.get(refusal.status, TITLES[409])
    body = Problem(
        type=f"{REFERENCE}#{refusal.code}",
        title=titles[0] if wanted == "zh" else titles[1],
        status=refusal.status,
        code=refusal.code,
        clause=refusal.clause,
        detail=refusal.sentence(wanted),
        zh=refusal.zh,
        en=refusal.en,
        params=refusal.params,
        problems=problems or [],
    )
    headers = {"Content-Language": wanted}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="batchwright"'
    if refusal.status == 503 or refusal.code == requests.KEY_BUSY.code:
        headers["Retry-After"] = "1" if refusal.status == 409 else "5"
    return JSONResponse(body.model_dump(mode="json"), refusal.status, headers, MEDIA_TYPE)


def refusal_for(request: Request, error: Exception) -> tuple[Refusal, list[FieldProblem]]:  # noqa: PLR0911 - one line per case
    """What any exception is called in front of people."""
    match error:
        case Refusal():
            return error, []
        case RequestValidationError():
            return _validation(error)
        case HTTPException():
            return _http(request, error), []
        case OperationalError() if getattr(error.orig, "sqlstate", None) is None or error.connection_invalidated:
            return requests.DATABASE_DOWN(), []
        case DBAPIError() if (getattr(error.orig, "sqlstate", None) or "").startswith("53"):
            log.error("the record has no room: %s", error.orig)
            return requests.RECORD_FULL(), []
        case NoConnectionLeft():
            return requests.RECORD_FULL(), []
        case DBAPIError() if (wall := refusal_of(error)) is not None:
            return wall, []
        case RPCError() | RuntimeError() if _engine_down(error):
            log.warning("Temporal: %s", error)
            return requests.ENGINE_DOWN(), []
        case _:
            incident = secrets.token_hex(4).upper()
            log.error("incident %s: %s %s", incident, request.method, request.url.path, exc_info=error)
            return requests.FAULT(incident=incident), []


def _engine_down(error: Exception) -> bool:
    """Whether Temporal can't be reached; the client says so in two ways, before and after its first connection."""
    if isinstance(error, RPCError):
        return error.status in {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}
    return "client connect" in str(error).lower()


def _validation(error: RequestValidationError) -> tuple[Refusal, list[FieldProblem]]:
    found = error.errors()
    for one in found:
        if one["type"] == "json_invalid":
            return requests.MALFORMED(why=one.get("ctx", {}).get("error", "?")), []
    return requests.INVALID(count=len(found)), field_problems(found)


def _http(request: Request, error: HTTPException) -> Refusal:
    match error.status_code:
        case 404:
            return requests.NOT_FOUND()
        case 405:
            return requests.METHOD(method=request.method)
        case 400:
            return requests.MALFORMED(why=str(error.detail)[:200])
        case status:
            made = requests.HTTP(status=status)
            return Refusal(made.code, made.clause, made.zh, made.en, status, made.params)


async def answer(request: Request, error: Exception) -> Response:
    """The exception handler of the API; pages hand an error here when they don't draw it themselves."""
    refusal, problems = refusal_for(request, error)
    response = problem(request, refusal, problems)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    if refusal.code == requests.METHOD.code and (methods := addresses.methods_of(request.app.doors, request.url.path)):
        response.headers["Allow"] = ", ".join(sorted(methods))  # the framework names those of the first route only
    return response


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""
    for kind in (
        Refusal,
        RequestValidationError,
        HTTPException,
        DBAPIError,
        NoConnectionLeft,
        RPCError,
        RuntimeError,
        Exception,
    ):
        app.add_exception_handler(kind, answer)
