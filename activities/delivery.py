"""Delivers facts from the outbox to the workflows that must know: at least once, in order, without losing any.

Signals are harmless twice (a workflow only looks at the record again), so a row is marked after its delivery.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models.messages.process import Notify
from models.store import outbox
from models.store.act import Actor, act

TURN = timedelta(minutes=10)
PAUSE = timedelta(milliseconds=300)
DISPATCHER = Actor(actor_id="service:outbox", name="Batchwright", source="worker")


class Delivery:
    """Bound to the database and the Temporal client of the worker."""

    def __init__(self, engine: Engine, client: Client) -> None:
        """Keep what delivery needs."""
        self._engine = engine
        self._client = client

    @activity.defn
    async def deliver(self) -> None:
        """Deliver for a while; the heartbeat lets another worker take over within seconds."""
        end = asyncio.get_running_loop().time() + TURN.total_seconds()
        while asyncio.get_running_loop().time() < end:
            activity.heartbeat()
            if await self.deliver_once() == 0:
                await asyncio.sleep(PAUSE.total_seconds())

    async def deliver_once(self) -> int:
        """Deliver what waits now; answers how many rows.

        The transaction is a thread's from its begin to its commit, so that a slow database never stops the loop that all
        workflows of this worker share; only the signals are sent from the loop.
        """
        loop = asyncio.get_running_loop()

        def tell(workflow_id: str, fact: str) -> None:
            asyncio.run_coroutine_threadsafe(self._tell(workflow_id, fact), loop).result()

        return await asyncio.to_thread(self._deliver, tell)

    def _deliver(self, tell: Callable[[str, str], None]) -> int:
        with act(self._engine, DISPATCHER) as session:
            rows = outbox.waiting(session)
            for row in rows:
                if row.workflow_id is not None:
                    tell(row.workflow_id, row.fact)
            if rows:
                outbox.delivered(session, [row.id for row in rows])
            return len(rows)

    async def _tell(self, workflow_id: str, fact: str) -> None:
        try:
            await self._client.get_workflow_handle(workflow_id).signal("changed", Notify(fact=fact))
        except RPCError as error:
            # a batch whose workflow has ended needs no news
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
