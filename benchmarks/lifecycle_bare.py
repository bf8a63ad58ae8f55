"""The least that Temporal and PostgreSQL can do: a workflow whose updates each run one activity with one INSERT.

Run as a program it is the worker: `python benchmarks/lifecycle_bare.py TEMPORAL_ADDRESS DATABASE_URL`.  Same SDK, same
sandbox, same number of threads and connections as our own worker; no rules, no audit, no signatures.
"""

import asyncio
import signal
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

with workflow.unsafe.imports_passed_through():
    from sqlalchemy import Engine, text

    from models.kernel.store.db import engine
    from runtime.temporal.workers import build_worker

QUEUE = "bare"
TABLE = "create table bare (id bigint generated always as identity primary key, life text not null, step int not null)"


class Insert:
    """The one activity."""

    def __init__(self, engine: Engine) -> None:
        """Keep the database."""
        self._engine = engine

    @activity.defn(name="insert")
    def insert(self, life: str, step: int) -> int:
        """One INSERT, committed."""
        with self._engine.begin() as connection:
            connection.execute(
                text("insert into bare (life, step) values (:life, :step)"), {"life": life, "step": step}
            )
        return step


@workflow.defn
class Bare:
    """Ends after so many updates."""

    @workflow.init
    def __init__(self, steps: int) -> None:
        """Nothing done yet."""
        self._steps = steps
        self._done = 0

    @workflow.run
    async def run(self, steps: int) -> int:
        """Wait for the last update."""
        await workflow.wait_condition(lambda: self._done >= self._steps)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return steps

    @workflow.update
    async def act(self, step: int) -> int:
        """One update, one activity."""
        done: int = await workflow.execute_activity(
            "insert",
            args=[workflow.info().workflow_id, step],
            result_type=int,
            start_to_close_timeout=timedelta(seconds=30),
        )
        self._done += 1
        return done


async def main(address: str, url: str) -> None:
    """Poll until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    doing = Insert(engine(url, pool_size=20)).insert
    async with build_worker(client, QUEUE, activities=[doing], workflows=[Bare]):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
