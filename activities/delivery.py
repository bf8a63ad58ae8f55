"""Delivers facts from the outbox to the workflows that must know: at least once, in order, without losing any.

Signals are harmless twice (a workflow only looks at the record again), so is starting what has begun and cancelling what
has ended; so a row is marked after its delivery.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, Row
from sqlmodel import Session
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from models.messages.followers import NOTICE_MAIL, QUALITY, TYPES
from models.messages.mail import SendNotice
from models.messages.process import Notify, ProcessStart
from models.store import outbox, runs
from models.store.act import Actor, act

TURN = timedelta(minutes=10)
PAUSE = timedelta(milliseconds=300)
DISPATCHER = Actor(actor_id="service:outbox", name="Batchwright", source="worker")

Tell = Callable[[Awaitable[None]], None]
"""Waits, in the thread of the transaction, for what the loop does."""


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
        workflows of this worker share; only what goes to Temporal is sent from the loop.
        """
        loop = asyncio.get_running_loop()

        def tell(what: Any) -> None:
            asyncio.run_coroutine_threadsafe(what, loop).result()

        return await asyncio.to_thread(self._deliver, tell)

    def _deliver(self, tell: Tell) -> int:
        with act(self._engine, DISPATCHER) as session:
            rows = outbox.waiting(session)
            for row in rows:
                self._one(session, row, tell)
            if rows:
                outbox.delivered(session, [row.id for row in rows])
            return len(rows)

    def _one(self, session: Session, row: Row[Any], tell: Tell) -> None:
        match row.fact:
            case "process.begun":
                if row.status == "running":
                    run = runs.view(session, runs.load(session, row.run_id), text=True)
                    start = ProcessStart(workflow_id=run.workflow_id, lot_no=run.lot_no, run=run)
                    tell(self._begin(run.definition_key, start))
            case "recall.notice":
                tell(self._send(SendNotice(notice=row.payload["notice"], kind=row.payload["kind"])))
            case "process.cancelled":
                tell(self._cancel(row.workflow_id))
            case _ if row.workflow_id is not None:
                tell(self._tell(row.workflow_id, row.fact))

    async def _begin(self, key: str, start: ProcessStart) -> None:
        """Start the workflow that follows a run; the server decides which of two starts is the first."""
        await self._client.start_workflow(
            TYPES[key],
            start,
            id=start.workflow_id,
            task_queue=QUALITY,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=f"{start.lot_no} · {key}",
        )

    async def _send(self, command: SendNotice) -> None:
        """Start the workflow that sends a notice: one for each notice and kind, for ever."""
        with suppress(WorkflowAlreadyStartedError):
            await self._client.start_workflow(
                NOTICE_MAIL,
                command,
                id=f"notice/{command.notice}/{command.kind}",
                task_queue=QUALITY,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=f"召回通知 recall notice · {command.kind}",
            )

    async def _cancel(self, workflow_id: str) -> None:
        try:
            await self._client.get_workflow_handle(workflow_id).cancel()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _tell(self, workflow_id: str, fact: str) -> None:
        try:
            await self._client.get_workflow_handle(workflow_id).signal("changed", Notify(fact=fact))
        except RPCError as error:
            # a batch whose workflow has ended needs no news
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
