"""Whoever reaches the engine can send anything to a batch: it is turned away or left lying, and the batch goes on (DESIGN 2.4, 6a).

Nothing of it becomes a row, a fault or a workflow task that is tried for ever; what can't be a command isn't one.
"""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.service import RPCError
from temporalio.workflow import _Definition  # the SDK has no other door to what a workflow takes

from tests.support.plant.plant import Plant
from tests.support.servers.until import born
from workflows.temporal import registry

LOT = "RUB-1"
ODD: tuple[Any, ...] = (
    None,
    0,
    "x" * 100_000,
    [],
    {},
    {"command_id": None, "by": None},
    {"command_id": "1", "by": {"person_id": "1; drop table lot"}, "task_id": "nonsense", "stage": "review"},
    {"__proto__": {"x": 1}, "command_id": ["a"], "stage": {"$gt": ""}},
    "\ud7ff\u0000\u202e",
)
UPDATES = (
    "act",
    "complete",
    "record_results",
    "receive",
    "create_work_order",
    "record_operation",
    "no_such_update",
    "",
)
COUNTS = "select array[(select count(*) from act_fault), (select count(*) from lot_fact), (select count(*) from human_task), (select count(*) from applied)]"


async def turned_away(plant: Plant, workflow_id: str, name: str, args: list[Any]) -> None:
    handle = plant.client.get_workflow_handle(workflow_id)
    with pytest.raises((WorkflowUpdateFailedError, RPCError)):
        await asyncio.wait_for(handle.execute_update(name, args=args, id=str(uuid4())), 20)


def test_every_update_asks_for_its_command_before_the_history_remembers_it() -> None:
    found = {
        f"{one.__name__}.{name}": update.validator is not None
        for one in registry.ALL
        for name, update in _Definition.must_from_class(one).updates.items()
    }
    assert len(found) > 10
    assert [name for name, asks in sorted(found.items()) if not asks] == []


async def test_updates_signals_and_queries_of_rubbish_leave_a_batch_as_it_was(plant: Plant) -> None:
    await plant.material("RUB-M", 100)
    await plant.make(LOT, "RUB-M", 50)
    release = f"release/{LOT}/1"
    await born(plant.client, release)
    before = plant.scalar(COUNTS)
    for workflow_id in (f"lot/{LOT}", release):
        handle = plant.client.get_workflow_handle(workflow_id)
        for name in UPDATES:
            for odd in ODD:
                await turned_away(plant, workflow_id, name, [odd])
        await turned_away(plant, workflow_id, "complete", [])
        await turned_away(plant, workflow_id, "complete", [{}, {}, {}])
        for name in ("changed", "no_such_signal"):
            for odd in ODD:
                await handle.signal(name, odd)
        with pytest.raises(WorkflowQueryFailedError):
            await handle.query("no_such_query")
    assert plant.scalar(COUNTS) == before
    await plant.release(LOT)
    assert plant.status(LOT) == "released"
