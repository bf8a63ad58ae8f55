"""A working plant on the real Temporal server.  Time does not skip by itself: people are waited for."""

from collections.abc import AsyncIterator

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.support.database import TestDatabase
from tests.support.plant import Plant, working


@pytest_asyncio.fixture
async def plant(fresh_database: TestDatabase, temporal_env: WorkflowEnvironment) -> AsyncIterator[Plant]:
    """A plant of the test's own."""
    with temporal_env.with_time_skipping_disabled():
        async with working(fresh_database.engine, temporal_env.client) as made:
            yield made
