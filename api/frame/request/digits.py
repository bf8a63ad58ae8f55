"""Reads the numbers of a JSON body with the digits that were written: 12.00 stays 12.00 (ALCOA+: original, accurate)."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from models.kernel.typed import Digits


class DigitsRequest(Request):
    """A request whose JSON numbers with a point remember how they were written."""

    async def json(self) -> Any:
        """The body; everything but measured values sees ordinary numbers."""
        if not hasattr(self, "_json"):
            self._json = json.loads(await self.body(), parse_float=Digits)
        return self._json


class DigitsRoute(APIRoute):
    """A route that takes measured values."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, over such a request."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(DigitsRequest(request.scope, request.receive))

        return handle
