"""Lets bookkeeping go that nobody can ask for any more, so that it doesn't grow for ever (DESIGN 6a, 7.5)."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from temporalio import activity

from activities.context import Context
from models.kernel.store import bookkeeping
from models.kernel.store.act import Actor, act

KEEPER = Actor(actor_id="service:reconcile", name="Batchwright", source="worker")


class Tidying:
    """Bound to the database of the worker."""

    def __init__(self, engine: Engine, most: int = bookkeeping.MOST) -> None:
        """Keep the database, and how many rows of a table go in one transaction."""
        self._engine = engine
        self._most = most

    @activity.defn
    async def tidy(self) -> dict[str, int]:
        """Let go what is old enough, in transactions that keep nobody waiting; answers how many rows, by table.

        One that is stopped half-way is finished by the next.
        """
        gone: Counter[str] = Counter()
        while True:
            if activity.in_activity():
                activity.heartbeat()
            now = await asyncio.to_thread(self._forget)
            gone.update(now)
            if max(now.values()) < self._most:
                return dict(gone)

    def _forget(self) -> dict[str, int]:
        with act(self._engine, KEEPER) as session:
            return bookkeeping.forget(session, self._most)


def activities_of(context: Context) -> list[Callable[..., Any]]:
    """Bound to what the worker has."""
    return [Tidying(context.engine).tidy]
