"""What a test home hands out says so: the name of every file begins with TEST- (models/clock/rules.py).

The papers themselves say it on each page; a table or a text that software reads has no room for it but its name.
"""

from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.frame.deps import engine
from models.clock.store import moved_clock
from models.kernel.store.act import reading

NAMED = 'filename="'
MARK = "TEST-"


def in_test_home(connection: HTTPConnection) -> bool:
    """Whether this is a test home; asked once per process, since none becomes one or ceases to be one."""
    state = connection.app.state
    known: bool | None = getattr(state, "test_home", None)
    if known is None:
        try:
            with reading(engine(connection)) as session:
                known = state.test_home = moved_clock.marked(session)
        except DBAPIError:
            return False  # the page must stand while the database is down
    return known


class FileNamesMiddleware:
    """Marks the name of every file that leaves a test home."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                named = headers.get("Content-Disposition", "")
                if NAMED in named and await run_in_threadpool(in_test_home, HTTPConnection(scope)):
                    headers["Content-Disposition"] = named.replace(NAMED, NAMED + MARK, 1)
                    message["headers"] = headers.raw
            await send(message)

        await self.app(scope, receive, marked)
