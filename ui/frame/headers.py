"""What goes with every page: no foreign content, no framing, nothing of the record in a cache (OWASP; DESIGN 11).

Static files carry their content's digest in the address, so they may be kept for ever.
"""

import mimetypes
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.frame.render import CONTENT_SECURITY_POLICY, scripts, static_file

PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
FOR_EVER = "public, max-age=31536000, immutable"
MACHINES = ("/api/", "/healthz", "/readyz", "/openapi.json")

# the system's own table may know none of these, or other ones
for _kind, _ending in (
    ("text/javascript", ".js"),
    ("text/css", ".css"),
    ("image/svg+xml", ".svg"),
    ("application/wasm", ".wasm"),
):
    mimetypes.add_type(_kind, _ending)


def for_people(path: str) -> bool:
    """Whether a page answers at this address; everything else is for machines and answers JSON."""
    return not path.startswith(MACHINES)


class HeadersMiddleware:
    """Adds the headers to whatever answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers["X-Content-Type-Options"] = "nosniff"
                if for_people(scope["path"]):
                    for name, value in PAGE_HEADERS.items():
                        headers.setdefault(name, value)
                    headers.setdefault("Cache-Control", "no-store")
                message["headers"] = headers.raw
            await send(message)

        await self.app(scope, receive, with_headers)


class Assets(StaticFiles):
    """Files of `ui/frame/static`; what is asked for with its digest never changes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; a missing one is the application's 404."""
        response = await super().get_response(static_file(path), scope)
        known = response.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}
        if known:
            digest = Request(scope).query_params.get("v") or path.startswith(f"_{scripts()}/")
            response.headers["Cache-Control"] = FOR_EVER if digest else "no-cache"
        return response
