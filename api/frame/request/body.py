"""Reads a request's body once, up to a limit, before anything else looks at it.

An endless or huge body is refused with 413 after the limit, not after it has filled the memory; what PostgreSQL can't
keep in a text (NUL) is refused here for all routes alike.  So are more values than any act takes: each would be read, field
by field, while nobody else is answered.
"""

import re
from collections.abc import Awaitable, Callable
from itertools import islice

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.frame.problem.errors import problem
from models.kernel.refusal import Refusal
from models.kernel.request import BODY_LIMIT, NUL, TOO_LARGE, TOO_MANY, VALUES_LIMIT

UPLOADS = frozenset({"/api/v1/attachments", "/attachments"})
_BY_LINK = re.compile(r"/s/[^/]+/files")
"""A file that somebody without an account sends, through a link of theirs."""
_PART = re.compile(rb'"(?:[^"\\]|\\.)*+"?|,', re.DOTALL)  # a text of JSON, or what stands between two values
_JSON_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class BodyMiddleware:
    """Refuses what is too large; everything behind it gets the body whole."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            try:
                receive = await self._checked(scope, receive)
            except Refusal as refusal:
                await problem(Request(scope), refusal)(scope, receive, send)
                return
            except ClientDisconnect:
                return
        await self.app(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive) -> Receive:
        if b"%00" in scope.get("query_string", b"") or "\x00" in scope["path"]:
            raise NUL()
        if scope["method"] in {"GET", "HEAD", "OPTIONS"} or is_file(scope):
            return receive
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self.limit:
            raise TOO_LARGE(limit=self.limit)
        body = bytearray()
        async for chunk in Request(scope, receive).stream():
            body += chunk
            if len(body) > self.limit:
                raise TOO_LARGE(limit=self.limit)
        if b"\x00" in body or _JSON_NUL.search(body):
            raise NUL()
        if body.count(b",") >= VALUES_LIMIT and not is_form(scope) and _values(body) > VALUES_LIMIT:
            raise TOO_MANY(limit=VALUES_LIMIT)
        scope["batchwright.body"] = bytes(body)
        return replay(bytes(body), receive)


def _values(body: bytearray) -> int:
    """How many values the JSON holds, counted to just beyond the limit; a comma within a text is none."""
    between = (part for part in _PART.finditer(body) if part[0] == b",")
    return 1 + sum(1 for _ in islice(between, VALUES_LIMIT))


def is_form(scope: Scope) -> bool:
    """Whether the body says that it is a form, which has an end of its own and is no JSON."""
    kind: bytes = dict(scope["headers"]).get(b"content-type", b"").strip().lower()
    return kind.startswith((b"application/x-www-form-urlencoded", b"multipart/form-data"))


def is_file(scope: Scope) -> bool:
    """Whether the body is a file, which its route reads piece by piece, with a limit of its own."""
    path = str(scope["path"])
    return (path in UPLOADS or _BY_LINK.fullmatch(path) is not None) and not is_form(scope)


def replay(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """A `receive` that gives the body once and then whatever the client does next (it goes away)."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once
