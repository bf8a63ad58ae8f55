"""What refuses before any route is asked (a huge body, a NUL) answers people with a page too, not with JSON.

The door in front of the API answers problems; on the addresses of pages this draws the same refusal for a reader.
"""

import json

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.frame.problem.errors import MEDIA_TYPE
from models.kernel.refusal import Refusal
from ui.failure.handlers import failure
from ui.frame.headers import for_people


class ProblemPagesMiddleware:
    """Turns a problem document into its page, on the addresses of pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not for_people(scope["path"]):
            await self.app(scope, receive, send)
            return
        caught = bytearray()
        catching = False

        async def watch(message: Message) -> None:
            nonlocal catching
            if message["type"] == "http.response.start":
                catching = Headers(raw=message["headers"]).get("content-type", "").startswith(MEDIA_TYPE)
            if not catching:
                await send(message)
                return
            caught.extend(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                page = await run_in_threadpool(failure, Request(scope), _refusal(bytes(caught)))
                await page(scope, receive, send)

        await self.app(scope, receive, watch)


def _refusal(body: bytes) -> Refusal:
    said = json.loads(body)
    return Refusal(said["code"], said["clause"], said["zh"], said["en"], said["status"], said["params"])
