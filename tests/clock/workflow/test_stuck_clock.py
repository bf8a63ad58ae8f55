"""A process that can't do what is due keeps a test home's clock for a while, not for ever (DESIGN 13; models/clock/rules.py)."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from models.clock.store import moved_clock
from models.kernel.store.act import Actor
from runtime.clock.moving import Keeper
from runtime.postgres import Postgres
from tests.support.plant import cast
from tests.support.servers.database import TestDatabase, test_home
from tests.support.servers.until import until

OPERATOR = Actor("service:operator", "operator", "cli", reason="CAPA")
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def lost(postgres: Postgres) -> Iterator[TestDatabase]:
    """A test home whose only process is one that the engine doesn't have."""
    with test_home(postgres) as made:
        cast.seed(made.engine)
        cast.receive(made.engine, "LOST-1")
        yield made


@pytest.mark.parametrize("patience", [0.2, 3600.0], ids=["short", "endless"])
async def test_the_clock_goes_on_past_a_process_that_does_nothing_and_tells_which(
    lost: TestDatabase, temporal_env: WorkflowEnvironment, caplog: pytest.LogCaptureFixture, patience: float
) -> None:
    target = moved_clock.move(lost.engine, OPERATOR, "5d").target
    assert target is not None
    with caplog.at_level(logging.WARNING, "batchwright.moving_clock"):
        keeping = asyncio.create_task(Keeper(lost.engine, temporal_env.client, SHANGHAI, stuck=patience).keep())
        try:
            if patience < 1:
                await until(lambda: moved_clock.now(lost.engine) >= target)
                assert any("inspection/LOST-1/1" in line for line in caplog.messages)
            else:
                await asyncio.sleep(3)
                assert moved_clock.now(lost.engine) < target, "what is due is waited for"
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
    with lost.engine.connect() as connection:
        left = connection.execute(text("select status, escalation_level from human_task")).all()
    assert [tuple(task) for task in left] == [("open", 0)], "nothing is lost: it is due still"
