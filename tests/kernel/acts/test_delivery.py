"""The dispatcher shares its loop with every workflow of the worker: a slow database must not stop that."""

import asyncio
from typing import Any

from sqlalchemy import text

from activities.delivery import Delivery
from tests.support.plant.plant import Plant
from tests.support.servers.until import until

WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


async def test_a_database_that_keeps_the_dispatcher_waiting_leaves_the_loop_alone(desk: Plant) -> None:
    nobody: Any = None
    with desk.engine.connect() as other:
        # where the loop is held after all, the lock ends by itself and the test fails instead of hanging
        other.execute(text("set local idle_in_transaction_session_timeout = '5s'"))
        # even the beginning of an act reads the site's zone
        other.execute(text("lock table site in access exclusive mode"))
        delivering = asyncio.create_task(Delivery(desk.engine, nobody).deliver_once())
        await until(lambda: desk.scalar(WAITING) == 1)
        assert not delivering.done()
        other.rollback()
        assert await delivering == 0
