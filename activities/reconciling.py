"""Compares the record with the engine: what the record has running and the engine doesn't is begun again (DESIGN 6a).

A process that the engine lost has no clock: nobody would be told of its late tasks until somebody touched it.  One whose
workflow can't go on is as good as lost: something else was started under its name, or a history that this code can't follow.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.context import Context
from models.kernel.store.act import Actor, act, now, reading
from models.lot.store import lots
from models.person.store import people
from models.process import kinds
from models.process.messages.followers import QUALITY, type_of
from models.process.messages.process import Notify, ProcessStart, RunView
from models.process.store import lost_workflow as standing
from models.recall.store import clocks as recall_clocks

AT_WORK = 'ExecutionStatus = "Running"'
STUCK = f"{AT_WORK} AND TemporalReportedProblems IS NOT NULL"
"""What the server says of workflows whose task has failed again and again: about a minute."""

log = logging.getLogger("batchwright.reconcile")
KEEPER = Actor(actor_id="service:reconcile", name="Batchwright", source="worker")


def _followers() -> frozenset[str]:
    """The types that a definition drives."""
    return frozenset(kind.workflow for kind in kinds.every())


class Reconciling:
    """Bound to the database and the Temporal client of the worker."""

    def __init__(self, engine: Engine, client: Client) -> None:
        """Keep what it needs."""
        self._engine = engine
        self._client = client

    @activity.defn
    async def reconcile(self) -> dict[str, int]:
        """Begin again what is missing; answers how many runs the record has, and how many were begun again.

        What somebody claimed in a role that has run out meanwhile goes back to its queue, and a recall that turns out to
        reach another market gets the legal clocks of it.
        """
        await asyncio.to_thread(self._give_back)
        await asyncio.to_thread(self._set_clocks)
        wanted = await asyncio.to_thread(self._wanted)
        given_up = await self._give_up_stuck()
        followers = _followers()
        found = self._client.list_workflows(AT_WORK, page_size=1000)
        known = {one.id async for one in found if one.workflow_type in followers} - given_up
        again = 0
        for workflow_id in wanted:
            if activity.in_activity():
                activity.heartbeat()
            # the list lags behind by moments, so who isn't in it is asked after by name
            if workflow_id not in known and not await self._runs(workflow_id):
                again += await self._begin(workflow_id)
        return {"running": len(wanted), "begun_again": again}

    def _give_back(self) -> None:
        with act(self._engine, KEEPER) as session:
            people.give_back(session)

    def _set_clocks(self) -> None:
        with act(self._engine, KEEPER) as session:
            for recall_no in recall_clocks.catch_up(session, now(session)):
                log.warning("%s reaches another market than before; its clocks run", recall_no)

    def _wanted(self) -> list[str]:
        with reading(self._engine) as session:
            return standing.roots(session)

    async def _give_up_stuck(self) -> set[str]:
        """End the workflows that can't go on, where the record has their process running: it is begun again from there.

        A subprocess is begun again by the workflow that waits for it.  Nothing is lost with a history (DESIGN 2.1).
        """
        try:
            stuck = {one.id: one.run_id async for one in self._client.list_workflows(STUCK, page_size=1000)}
        except RPCError as error:
            if error.status is not RPCStatusCode.INVALID_ARGUMENT:  # a server of before says nothing of problems
                raise
            stuck = {}
        running = await asyncio.to_thread(self._at_work, list(stuck))
        for workflow_id in running:
            log.warning("%s can't go on; it is given up", workflow_id)
            with contextlib.suppress(RPCError):  # it ended meanwhile
                await self._client.get_workflow_handle(workflow_id, run_id=stuck[workflow_id]).terminate(
                    "its task fails again and again; the record begins it again"
                )
        return set(running)

    def _at_work(self, workflow_ids: list[str]) -> list[str]:
        with reading(self._engine) as session:
            return standing.at_work(session, workflow_ids)

    async def _runs(self, workflow_id: str) -> bool:
        try:
            found = await self._client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        if found.workflow_type not in _followers() and found.status is WorkflowExecutionStatus.RUNNING:
            log.warning("%s is a %s; it is given up", workflow_id, found.workflow_type)
            await self._client.get_workflow_handle(workflow_id, run_id=found.run_id).terminate("not its process")
            return False
        return found.status is WorkflowExecutionStatus.RUNNING

    async def _begin(self, workflow_id: str) -> int:
        """Begin it where the record still has it running; the server decides between two who find it missing."""
        run = await asyncio.to_thread(self._note, workflow_id)
        if run is None:
            return 0
        log.warning("%s was not followed; it is begun again", workflow_id)
        await self._client.start_workflow(
            type_of(run),
            ProcessStart(workflow_id=run.workflow_id, lot_no=run.lot_no, run=run),
            id=run.workflow_id,
            task_queue=QUALITY,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal="changed",
            start_signal_args=[Notify(fact="process.begun_again")],
            static_summary=f"{run.lot_no} · {run.title or run.definition_key}",
        )
        return 1

    def _note(self, workflow_id: str) -> RunView | None:
        """The run, whole; that it was begun again stands in the batch's timeline."""
        with act(self._engine, KEEPER) as session:
            run = standing.outermost(session, workflow_id)
            lot = standing.lot_of(session, run.run_id) if run is not None else None
            if lot is not None:
                lots.note(session, lot, "process.begun_again", None, {"process": workflow_id})
            return run


def activities_of(context: Context) -> list[Callable[..., Any]]:
    """Bound to what the worker has."""
    return [Reconciling(context.engine, context.client).reconcile]
