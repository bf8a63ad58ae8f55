"""Waiting for something that another process does: ask until it is so."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

PATIENCE = 30.0


async def until(so: Callable[[], Any], what: str = "") -> Any:
    """The first true answer."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not (answer := so()):
        assert asyncio.get_running_loop().time() < end, f"still not so: {what or so}"
        await asyncio.sleep(0.02)
    return answer


async def until_async(so: Callable[[], Awaitable[Any]], what: str = "") -> Any:
    """The first true answer of somebody who must be awaited."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not (answer := await so()):
        assert asyncio.get_running_loop().time() < end, f"still not so: {what or so}"
        await asyncio.sleep(0.02)
    return answer
