"""Tells live pages that something changed, at a cost that doesn't grow with the plant.

One background question per API process and second, `pg_current_snapshot()`, changes whenever any transaction that wrote
something ends; it reads no table and misses nothing (a largest key would miss a transaction that commits late).  Only
then does each connected page ask for its own counts, and only different counts are sent.  Nobody connected, no question.
Each time it asks first whether the session still stands: a worker's signs of life alone wake it every few seconds, so that it
is never quiet for long, and whoever has logged out, was locked or lost their role is told nothing more (21 CFR 11.10(d)).
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.frame.deps import onlooker
from models.kernel.refusal import Refusal
from models.person.rules.auth import Principal
from models.process.queries.inbox import snapshot

EVERY = 1.0  # seconds between questions; also how late a page may be
KEEP_ALIVE = 15.0  # seconds after which an idle stream says something, so that proxies keep it open
log = logging.getLogger("batchwright.api")


async def followed(request: Request) -> AsyncIterator[Principal | None]:
    """The person behind a live stream, asked for anew after every change; None as a sign of life.

    It ends when the session has ended or its person may not stand at this door any more.
    """
    changes: Changes = request.app.state.changes
    async for changed in changes.watch():
        try:
            person = await run_in_threadpool(onlooker, request)
        except Refusal:
            return
        except DBAPIError as error:  # PostgreSQL restarts: the page stays connected and is told nothing meanwhile
            log.warning("a live page: %s", error.orig)
            yield None
            continue
        yield person if changed else None


class Changes:
    """Wakes whoever waits when the database has changed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._waiting: set[asyncio.Event] = set()
        self._poller: asyncio.Task[None] | None = None

    async def watch(self) -> AsyncIterator[bool]:
        """True at once and after every change, False as a sign of life in between; at most once a second."""
        bell = asyncio.Event()
        self._waiting.add(bell)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            yield True
            while True:
                try:
                    await asyncio.wait_for(bell.wait(), KEEP_ALIVE)
                except TimeoutError:
                    yield False
                    continue
                bell.clear()
                yield True
        finally:
            self._waiting.discard(bell)

    async def stop(self) -> None:
        """End the questions."""
        if self._poller is not None:
            self._poller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._poller

    async def _poll(self) -> None:
        seen = ""
        while self._waiting:
            try:
                new = await run_in_threadpool(snapshot, self.engine)
            except DBAPIError as error:  # PostgreSQL restarts: pages stay connected and catch up
                log.warning("live pages: %s", error.orig)
                new = seen
            if new != seen:
                seen = new
                for bell in self._waiting:
                    bell.set()
            await asyncio.sleep(EVERY)
