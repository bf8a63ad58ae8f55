"""A working plant on the real Temporal server, one per module, and what becomes of its histories.

Time does not skip by itself: people are waited for; `temporal_env.fast_forward` moves one workflow's clock.  Each test
uses lot numbers of its own.  When a module is done, every history that it wrote is replayed.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from models.rules.roles import Role
from tests.support import histories, people
from tests.support.database import TestDatabase
from tests.support.plant import Plant, working


@pytest.fixture(scope="session")
def seen_runs() -> set[str]:
    """Runs whose histories have been looked at."""
    return set()


@pytest.fixture(scope="module")
def module_database(furnished_database: TestDatabase) -> TestDatabase:
    """With a furnished plant."""
    return furnished_database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plant(
    module_database: TestDatabase, temporal_env: WorkflowEnvironment, seen_runs: set[str]
) -> AsyncIterator[Plant]:
    """A plant at work; afterwards its histories replay."""
    with temporal_env.with_time_skipping_disabled():
        async with working(module_database.engine, temporal_env.client) as made:
            yield made
            await histories.end_all(temporal_env.client)
    written = await histories.fetch_all(temporal_env.client, seen_runs)
    assert [why for one in written for why in histories.failed_tasks(one)] == []
    await histories.replay(written)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy(plant: Plant) -> Plant:
    """R-1 is material; B-OK is released, B-NEW waits for its review, B-SEEN for its approval."""
    people.grant(plant, "lin.jian", Role.QA_REVIEWER)
    people.grant(plant, "wang.cao", Role.QA_REVIEWER)
    people.grant(plant, "zhou.shen", Role.QA_APPROVER)
    people.second_account(plant, "zhou.shen.2", "zhou.shen")
    await plant.material("R-1", 1000)
    for lot in ("B-OK", "B-NEW", "B-SEEN"):
        await plant.make(lot, "R-1", 50)
    await plant.release("B-OK")
    await plant.complete("B-SEEN", "review", "zhou.shen", "release")
    await plant.receive("R-WAIT", 100)
    return plant
