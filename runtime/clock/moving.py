"""Takes a test home's clock from moment to moment to where somebody asked for (models/clock/rules.py; DESIGN 13).

The record's clock goes first; then every workflow that is due by it is told to look at the record, and does what it would have
done then, before the clock goes on.  So an escalation is recorded at the time at which it was due, and what follows from it is
counted from there.  What was asked for stands in the record: a worker that is killed on the way goes on where it was.
"""

import asyncio
import contextlib
import logging
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from models.clock import rules
from models.clock.store import moved_clock
from models.clock.store.moved_clock import Moved
from models.drill.rules import calendar as drill_calendar
from models.process.messages.process import Notify
from models.recall.store import due_moments as moved_clock_due
from models.recall.store.due_moments import Known
from workflows.background.drill_plan import DrillPlan
from workflows.background.schedules import RECONCILED
from workflows.background.trace_health import TraceHealth
from workflows.background.upkeep import Upkeep
from workflows.temporal.queues import QUALITY

log = logging.getLogger("batchwright.moving_clock")

PAUSE = 0.5
"""Seconds between two looks whether somebody wants the clock moved."""
TOLD_AGAIN = 2.0
"""Seconds after which a workflow that is still due is told again: it may have begun just then."""
STUCK = 60.0
"""Seconds without anything getting done, after which the clock goes on: a fault keeps its time, and an operator sees it."""
CHECKED = 30.0
"""Seconds between two looks for workflows that are due by the record and don't know."""
SCHEDULED: dict[str, tuple[Any, list[Any]]] = {
    "recall-drills": (DrillPlan.run, []),
    "reconcile": (Upkeep.run, ["reconcile"]),
    "tidy": (Upkeep.run, ["tidy"]),
    "trace-health": (TraceHealth.run, []),
}
"""What each Schedule starts; the engine's own moments for it stay those of the engine's clock."""
NEWS = Notify(fact="clock.moved")


class Keeper:
    """Moves the clock of one test home."""

    def __init__(self, engine: Engine, client: Client, zone: ZoneInfo, stuck: float = STUCK) -> None:
        self._engine = engine
        self._client = client
        self._zone = zone
        self._stuck = stuck
        self._known = Known()
        self._checked = 0.0
        self._moving = False

    async def keep(self) -> None:
        """For ever; at a home that is no test home, not at all."""
        while True:
            try:
                seen = await asyncio.to_thread(moved_clock.look, self._engine)
                if seen is None:
                    return
                await self._turn(seen)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next turn goes on where this one was
                log.warning("the test clock waits: %s", str(error) or type(error).__name__)
                await asyncio.sleep(TOLD_AGAIN)
            if not self._moving:
                await asyncio.sleep(PAUSE)

    async def _turn(self, seen: Moved) -> None:
        if seen.under_way and seen.target is not None:
            self._moving = True
            await self._step(seen.now, seen.target)
        elif self._moving or not self._checked:
            await self._arrived(seen)
        elif time.monotonic() - self._checked > CHECKED:
            await self._settle(seen.now)

    async def _step(self, now: datetime, target: datetime) -> None:
        """To the next moment, and on when everything that was due by it is done."""
        waited_for = [one.at for one in await asyncio.to_thread(moved_clock_due.due, self._engine, self._known)]
        drills = drill_calendar.drills(now, target, self._zone)
        at = rules.step(now, target, [*waited_for, *drills])
        await asyncio.to_thread(moved_clock.step, self._engine, at)
        await self._settle(at)
        if at in drills:
            await self._by_schedule("recall-drills", at)
            await self._settle(at)

    async def _arrived(self, seen: Moved) -> None:
        """Everybody learns the time, for what is due later; nights that were passed over get one check, as after a shut-down."""
        for workflow_id in await asyncio.to_thread(moved_clock_due.followed, self._engine):
            await self._tell(workflow_id)
        await self._settle(seen.now)
        passed = seen.now - seen.began if self._moving and seen.began is not None else timedelta(0)
        if passed > RECONCILED:
            await self._by_schedule("reconcile", seen.target or seen.now)
        if passed > timedelta(days=1):
            await self._by_schedule("tidy", seen.target or seen.now)
            await self._by_schedule("trace-health", seen.target or seen.now)
        self._moving = False

    async def _settle(self, now: datetime) -> None:
        """Wait until nothing is due by `now`, telling whoever is."""
        self._checked = since = time.monotonic()
        told: dict[str, float] = {}
        before: frozenset[moved_clock_due.Due] = frozenset()
        while True:
            found = await asyncio.to_thread(moved_clock_due.due, self._engine, self._known)
            late = frozenset(one for one in found if one.at <= now)
            if not late:
                return
            here = time.monotonic()
            if late != before:
                before, since = late, here
            elif here - since > self._stuck:
                log.warning(
                    "not done, the test clock goes on: %s", ", ".join(sorted({one.workflow_id for one in late}))
                )
                return
            for workflow_id in sorted({one.workflow_id for one in late}):
                if here - told.get(workflow_id, -TOLD_AGAIN) >= TOLD_AGAIN:
                    told[workflow_id] = here
                    await self._tell(workflow_id)
            await asyncio.sleep(0.05)

    async def _by_schedule(self, name: str, at: datetime) -> None:
        """Do what a Schedule would have done at that moment, once; nothing where it is paused."""
        found = await self._client.get_schedule_handle(name).describe()
        if found.schedule.state.paused:
            return
        run, given = SCHEDULED[name]
        with contextlib.suppress(WorkflowAlreadyStartedError, TimeoutError):
            async with asyncio.timeout(STUCK):
                await self._client.execute_workflow(
                    run,
                    args=given,
                    id=f"{name}/{int(at.timestamp())}",
                    task_queue=QUALITY,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                )

    async def _tell(self, workflow_id: str) -> None:
        with contextlib.suppress(RPCError):  # not begun yet, or lost: the record has it, and it is looked for again
            await self._client.get_workflow_handle(workflow_id).signal("changed", NEWS)
