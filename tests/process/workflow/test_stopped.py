"""Everything was down for a week: what was due meanwhile happens on return, once and in order."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.process.workflow.test_deadlines import settled
from tests.support import histories
from tests.support.definitions import end, small, task, text
from tests.support.often import often
from tests.support.plant.plant import Plant, furnish, polling
from tests.support.processes import waiting
from tests.support.servers.database import TestDatabase
from tests.support.servers.until import until

A_DAY = timedelta(days=1)
PAST = timedelta(minutes=often(24 * 60 + 1, 7 * 24 * 60))
"""Past the engine's one open timer; beyond it the record's clock is asked each hour whether it has come that far as well."""


def late(*days: int) -> dict[str, object]:
    """Somebody is told after each of so many days."""
    steps = [{"after": f"P{day}D", "to_role": "quality_manager", "message": text("late")} for day in days]
    return {"complete": "P1D", "escalations": steps}


GOODS = small(
    {
        "key": "wait",
        "kind": "wait",
        "fact": "goods.came",
        "until": {"after": "P3D", "elapsed": "ask"},
        "next": "ask",
        "sla": late(1, 2, 5),
    },
    task("ask", next="end", sla=late(1, 2)),
    end(),
    key="sample-goods",
)
"""Told of after one day, two and five; after three it is asked."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plant(furnished_database: TestDatabase, temporal_env: WorkflowEnvironment) -> AsyncIterator[Plant]:
    """A plant whose workers come and go."""
    furnish(furnished_database.engine)
    with temporal_env.with_time_skipping_disabled(), waiting.known(GOODS):
        yield Plant(furnished_database.engine, temporal_env.client)
        async with polling(furnished_database.engine, temporal_env.client):
            await histories.end_all(temporal_env.client)


async def test_what_was_due_happens_on_return_once_and_in_order(
    plant: Plant, temporal_env: WorkflowEnvironment, seen_runs: set[str]
) -> None:
    waiting.ship(plant, GOODS)
    async with polling(plant.engine, plant.client):
        await plant.receive("S-1")
        one = (await waiting.begin(plant, "sample-goods", "S-1")).workflow_id
        await settled(plant, one)

    waiting.older(plant, one, 7 * A_DAY)
    # the engine's clock stands where nobody takes its tasks: it is asked to go on past its first timer, and goes on when they are back
    forward = asyncio.create_task(temporal_env.fast_forward(plant.client.get_workflow_handle(one), PAST))
    assert waiting.open_stages(plant, one) == ["wait"]

    async with polling(plant.engine, plant.client):
        assert await forward
        await until(lambda: waiting.open_stages(plant, one) == ["ask"])
        await settled(plant, one)
        # the one of five days would have been of a wait that was over by then; the task's own clock begins on return
        assert [moment["level"] for moment in waiting.moments(plant, "S-1", "task.escalated")] == [1, 2]
        order = plant.scalar(
            "select string_agg(f.fact, ' ' order by f.id) from lot_fact f join lot l on l.id = f.lot_id"
            " where l.lot_no = 'S-1' and f.fact in ('task.escalated', 'sample-goods.wait')"
        )
        assert order == "task.escalated task.escalated sample-goods.wait"
        waiting.older(plant, one, A_DAY)
        assert await temporal_env.fast_forward(plant.client.get_workflow_handle(one), A_DAY)
        await until(lambda: waiting.tasks(plant, one)[0].escalation_level == 1)

    async with polling(plant.engine, plant.client):  # nothing of it happens a second time
        await settled(plant, one)
        assert waiting.moments(plant, "S-1", "sample-goods.wait") == [{"outcome": "elapsed"}]
        assert [moment["level"] for moment in waiting.moments(plant, "S-1", "task.escalated")] == [1, 2, 1]
        written = await histories.fetch_all(plant.client, seen_runs)
        await histories.replay(written)
