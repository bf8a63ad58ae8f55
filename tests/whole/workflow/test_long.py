"""A history as long as the server takes goes on in a new one, also when nothing but answers made it long (DESIGN 7.5)."""

import asyncio
from uuid import UUID

from models.inspection.messages import MeasuredValue, RecordResults
from tests.support import histories
from tests.support.plant.plant import working
from tests.support.servers import temporal
from tests.support.servers.database import TestDatabase

MOST = 40
"""Updates that this server takes of one history; a real one takes two thousand and says so at ninety of a hundred."""


async def test_answers_that_move_no_run_never_jam_a_process(fresh_database: TestDatabase) -> None:
    env = await temporal.start_time_skipping(f"history.maxTotalUpdates={MOST}")
    try:
        with env.with_time_skipping_disabled():
            async with working(fresh_database.engine, env.client) as plant:
                await plant.receive("R-LONG")
                await plant.measure("R-LONG")
                task = plant.task("R-LONG", "inspect")
                same = (MeasuredValue(characteristic=1, sample_no=1, passed=True),)
                for number in range(3 * MOST):
                    command = RecordResults(
                        command_id=f"same-{number}",
                        task_id=UUID(str(task.public_id)),
                        by=plant.by("lin.jian"),
                        values=same,
                    )
                    await asyncio.wait_for(plant.door.record_results(plant.client, "inspection/R-LONG/1", command), 30)
                await plant.complete("R-LONG", "inspect", "lin.jian", "accepted")
                assert plant.status("R-LONG") == "released"
                written = await histories.fetch_all(env.client, set())
        runs = [one for one in written if one.workflow_id == "inspection/R-LONG/1"]
        assert len(runs) > 3
        await histories.replay(written)
    finally:
        await env.shutdown()
