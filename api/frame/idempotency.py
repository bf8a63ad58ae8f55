"""`Idempotency-Key` on POST: the same request twice has one effect and one answer (DESIGN 12; REQUIREMENTS 92).

Same key and same request: the first answer again, marked `Idempotency-Replayed: true`.  Same key, other request: 422.
Same key while the first is under way: 409.  A refusal frees the key.  It sits in front of all routes of the API, so no
route can forget it.  The digest is keyed with the server's secret, because a request may contain a password.
"""

import contextlib
import hashlib
import hmac
import logging
import re
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.frame.deps import who
from api.frame.problem.errors import answer, problem
from api.frame.request.body import UPLOADS
from models.kernel.request import KEY_BUSY, KEY_REUSED, KEY_SHAPE
from models.kernel.store import idempotency
from models.kernel.store.idempotency import Claim
from models.person.rules.auth import Principal
from models.person.store.people import actor_of

HEADER = "idempotency-key"
PREFIX = "/api/"
SECRET = re.compile(
    r"/api/v1/(auth/.*|found|people/[^/]+/tokens|accounts/[^/]+/halves)"
)  # an answer with a secret in it is never kept
KEPT = ("content-type", "location", "content-language")
log = logging.getLogger("batchwright.api")
P = ParamSpec("P")
T = TypeVar("T")


class IdempotencyMiddleware:
    """Looks at POSTs of the API that carry a key; everything else passes."""

    def __init__(self, app: ASGIApp, secret: bytes) -> None:
        self.app = app
        self.secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        if (
            scope["type"] != "http"
            or scope["method"] != "POST"
            or not path.startswith(PREFIX)
            or SECRET.fullmatch(path)
            or path in UPLOADS  # the same file twice is the same attachment, and its body isn't here to be compared
        ):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        key = request.headers.get(HEADER)
        if key is None:
            await self.app(scope, receive, send)
            return
        response = await self._refused(request, key)
        if response is not None:
            await response(scope, receive, send)
            return
        await self._work(request, key, receive, send)

    async def _refused(self, request: Request, key: str) -> Response | None:
        """The answer when nothing is to be done; else the claim stands in the request's state."""
        if not (0 < len(key) <= 200 and key.isascii() and key.isprintable()):
            return problem(request, KEY_SHAPE())
        try:
            principal = await run_in_threadpool(who, request)
            claim = await self._store(
                request, principal, idempotency.begin, principal.person_id, key, self._digest(request)
            )
        except Exception as error:  # noqa: BLE001 - outside the application's own handlers: answer like they do
            return await answer(request, error)
        match claim.state:
            case "other":
                return problem(request, KEY_REUSED())
            case "busy":
                return problem(request, KEY_BUSY())
            case "done":
                return _again(claim)
            case _:
                request.state.idempotency = (principal, claim)
                return None

    async def _work(self, request: Request, key: str, receive: Receive, send: Send) -> None:
        principal, claim = request.state.idempotency
        request.state.idempotency_key = key
        start: Message = {}
        body = bytearray()
        kept = False

        async def watch(message: Message) -> None:
            """Hold the answer back until it is kept: a client that saw it may ask again and gets the same."""
            nonlocal kept
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            kept = True
            try:
                await self._keep(request, principal, claim, start, bytes(body))
            except DBAPIError:
                # what was done is done, and asking again finds it by the id of its act
                log.warning("the answer to %s could not be kept", request.url.path, exc_info=True)
            await send(start)
            await send({"type": "http.response.body", "body": bytes(body), "more_body": False})

        try:
            await self.app(request.scope, receive, watch)
        finally:
            if not kept:  # it broke off, also in the middle of an answer
                with contextlib.suppress(DBAPIError):
                    await self._store(request, principal, idempotency.release, claim)

    async def _keep(self, request: Request, principal: Principal, claim: Claim, start: Message, body: bytes) -> None:
        if not 200 <= start["status"] < 300:
            await self._store(request, principal, idempotency.release, claim)
            return
        headers = MutableHeaders(raw=start["headers"])
        kept = {"text": body.decode("utf-8", "replace"), "headers": {k: headers[k] for k in KEPT if k in headers}}
        await self._store(request, principal, idempotency.finish, claim, start["status"], kept)

    @staticmethod
    async def _store(request: Request, principal: Principal, function: Callable[..., T], *arguments: Any) -> T:
        actor = actor_of(principal, source_ref="idempotency")
        return await run_in_threadpool(function, request.app.state.underway, actor, *arguments)

    def _digest(self, request: Request) -> str:
        parts = [request.method, request.url.path, request.url.query, request.headers.get("content-type", "")]
        message = "\n".join(parts).encode() + b"\n" + request.scope.get("batchwright.body", b"")
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()


def _again(claim: Claim) -> Response:
    kept = claim.body or {}
    response = Response(kept.get("text", ""), claim.status)
    for name, value in kept.get("headers", {}).items():
        response.headers[name] = value
    response.headers["Idempotency-Replayed"] = "true"
    return response
