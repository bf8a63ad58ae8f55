"""Logins take their turn in threads of their own, so that a flood of them doesn't take those of the pages.

Two at a time compare passwords (of the four that may at all, so signing always has its share); a few more wait, the rest
are turned away at once.  A refusal comes no sooner than `REFUSED_AFTER`, whatever it was refused for (21 CFR 11.300(d)).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

from starlette.requests import Request

from models.kernel.refusal import Refusal
from models.person.rules import auth
from models.person.rules.credential import WRONG_CODE
from models.person.store import sessions
from models.person.store.sessions import NewSession

P = ParamSpec("P")
T = TypeVar("T")
WRONG = frozenset({auth.WRONG_LOGIN.code, WRONG_CODE.code})
_threads = ThreadPoolExecutor(2, thread_name_prefix="login")
_places = BoundedSemaphore(auth.LOGINS_WAITING)


async def log_in(request: Request, login: str, password: str) -> NewSession:
    """Open a session when its turn comes, or raise what `sessions.log_in` raises.

    AUTH-029 when too many wait, AUTH-034 when too many wrong ones came from that address.
    """
    return await in_turn(request, sessions.log_in, request.app.state.engine, login, password)


async def in_turn(request: Request, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """Anything that lets somebody in who isn't yet: a few at a time, and a refusal tells nothing by its time."""
    address, throttle = request.client.host if request.client else "", request.app.state.throttle
    throttle.check(address)
    if not _places.acquire(blocking=False):
        raise auth.CROWDED()
    loop = asyncio.get_running_loop()
    began = loop.time()
    done = loop.run_in_executor(_threads, partial(copy_context().run, _turn, partial(work, *given, **named)))
    try:
        return await done
    except Refusal as refusal:
        if refusal.code in WRONG:
            throttle.wrong(address)
        await asyncio.sleep(max(0.0, began + auth.REFUSED_AFTER.total_seconds() - loop.time()))
        raise


def _turn(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        _places.release()
