"""Gives every request the number of its trace, which goes with its act to Temporal and into the audit trail.

The caller's own number is kept (`X-Request-ID`, or the trace of a W3C `traceparent`), so that a plant's other systems can be
followed into ours; the answer says it.
"""

from string import ascii_letters, digits
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.kernel.origin import ORIGIN, Origin

HEADER = b"x-request-id"
SIGNS = frozenset(ascii_letters + digits + "-_.")
SHORTEST, LONGEST = 8, 64
PARTS, TRACE = 4, 32


class OriginMiddleware:
    """Sets the origin of what a request does, and answers its number."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace = trace_of(dict(scope["headers"])) or uuid4().hex

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (HEADER, trace.encode())]
            await send(message)

        before = ORIGIN.set(Origin(trace=trace, ref=f"{scope['method']} {scope['path']}"))
        try:
            await self.app(scope, receive, answer)
        finally:
            ORIGIN.reset(before)


def trace_of(headers: dict[bytes, bytes]) -> str | None:
    """The caller's own number, where it is one that may stand in a log; None for all else."""
    given = headers.get(HEADER, b"").decode("latin-1")
    if SHORTEST <= len(given) <= LONGEST and SIGNS.issuperset(given):
        return given
    parts = headers.get(b"traceparent", b"").decode("latin-1").split("-")
    if len(parts) == PARTS and len(parts[1]) == TRACE and SIGNS.issuperset(parts[1]):
        return parts[1]
    return None
