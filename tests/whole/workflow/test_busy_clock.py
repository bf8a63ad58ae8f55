"""Somebody keeps a batch while the clock wants to escalate: tried again, then a fault; the process lives on (DESIGN 6a)."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, text
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from models.kernel import fault
from models.kernel.fault import Trouble
from tests.support.house.limits import limited
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.servers.until import until

FAULTS = text("select count(*) from act_fault where act = 'escalate' and trouble = 'busy'")
PAUSES = {Trouble.BUSY: (1.0, 2.0, 0.2, 0.2, 0.2)}
"""As many as ship, the later ones shorter."""
LOCK = text("select from human_task where id = :id for update")


TRIES = text("""
select pid, xact_start from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
""")


def _again(looking: Connection, seen: set[tuple[int, datetime]]) -> bool:
    """Whether a second transaction has waited for the lock; between two of them there may be no time to look."""
    seen.update((pid, since) for pid, since in looking.execute(TRIES))
    return len(seen) > 1


def _escalated(plant: Plant, lot: str) -> bool:
    return plant.task(lot, "inspect").escalation_level >= 1


async def status(plant: Plant, workflow_id: str) -> WorkflowExecutionStatus | None:
    return (await plant.client.get_workflow_handle(workflow_id).describe()).status


async def test_an_escalation_waits_for_who_keeps_the_batch_and_fails_no_process(
    plant: Plant, temporal_env: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(PAUSES[Trouble.BUSY]) == len(fault.PAUSES[Trouble.BUSY])
    monkeypatch.setattr(fault, "PAUSES", {**fault.PAUSES, **PAUSES})
    running = WorkflowExecutionStatus.RUNNING
    with limited(plant.engine, lock_timeout=500):
        watch = plant.engine.execution_options(isolation_level="AUTOCOMMIT")
        for lot, patient in (("R-SOON", True), ("R-LATE", False)):
            await plant.receive(lot)
            task = plant.task(lot, "inspect")
            handle = plant.client.get_workflow_handle(f"inspection/{lot}/1")
            aged(plant.engine, handle.id, timedelta(days=3))
            with watch.connect() as looking, plant.engine.begin() as ahead:
                ahead.execute(LOCK, {"id": task.id})
                skipping = asyncio.create_task(temporal_env.fast_forward(handle, timedelta(days=3)))
                await until(partial(_again, looking, set()), "it tries, gives up, and tries again")
                if not patient:
                    await until(lambda: looking.execute(FAULTS).scalar_one() >= 1)
            assert await skipping
            if patient:
                await until(partial(_escalated, plant, lot))
            assert await status(plant, f"inspection/{lot}/1") is running
            assert await status(plant, f"lot/{lot}") is running
            # and people go on with it
            await plant.measure(lot)
            await plant.complete(lot, "inspect", "lin.jian", "accepted")
            assert plant.status(lot) == "released"
