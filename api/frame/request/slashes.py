"""A number with a stroke in it is one part of an address: `/lots/AB%2F0643/holds` is about AB/0643.

Servers decode `%2F` before an address is matched, so that a route saw two parts and answered 405 or 404.  The stroke
travels as a character that no number has, and is one again where the route hands the number on (REQUIREMENTS 19).
"""

import re
from urllib.parse import quote, unquote

from starlette.convertors import PathConvertor, StringConvertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

STROKE = "\ue02f"  # for private use: `identifiers.clean` and `lot.check_number` refuse it
_ENCODED = re.compile(rb"%2f", re.IGNORECASE)


class _OnePart(StringConvertor):
    def convert(self, value: str) -> str:
        """The number as it is."""
        return value.replace(STROKE, "/")


class _Parts(PathConvertor):
    def convert(self, value: str) -> str:
        """The number as it is."""
        return value.replace(STROKE, "/")


def install() -> None:
    """For all routes that are made from here on."""
    register_url_convertor("str", _OnePart())
    register_url_convertor("path", _Parts())


class SlashMiddleware:
    """Keeps encoded strokes apart from those between the parts of an address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        raw: bytes = scope.get("raw_path") or b""
        if scope["type"] == "http" and _ENCODED.search(raw):
            raw = _ENCODED.sub(quote(STROKE).encode(), raw.partition(b"?")[0])
            scope = {**scope, "path": unquote(raw.decode("latin-1"))}
        await self.app(scope, receive, send)
