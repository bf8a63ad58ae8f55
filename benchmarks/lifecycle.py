"""Complete batch lives per second ÷ a bare workflow with as many updates and one-INSERT activities (aim 0.8 or better).

    .venv/bin/python benchmarks/lifecycle.py [--json] [--repeats N] [--lives N] [--at-once N]

A life is a batch of hip stems from its work order to the last unit shipped: two operations, measured values, the
inspector's signature, packaging, two release signatures, put away, shipped: ten acts on four workflows.  Both sides run
on the same embedded PostgreSQL and Temporal (durable settings), with a worker process of their own, in turns.  A third
case does the same acts straight at the record, one at a time: what Temporal's part costs.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from benchmarks import _timing
from benchmarks.lifecycle_bare import QUEUE, TABLE, Bare
from models.kernel.store import db
from models.process.messages.process import By
from runtime.settings import Settings
from runtime.supervisor import running_stack
from tests.support.plant.direct import Direct
from tests.support.plant.plant import Plant, furnish
from workflows.temporal import start

ACTS = 10
PARTS = frozenset({"postgres", "temporal", "worker"})
HERE = Path(__file__).parent


class Team(Plant):
    """The cast; who is who is asked once, as a session knows it in life."""

    @cache  # noqa: B019 - lives as long as the benchmark
    def by(self, login: str, *, on_behalf_of: str | None = None) -> By:
        """A person of the cast."""
        return super().by(login, on_behalf_of=on_behalf_of)

    __hash__ = object.__hash__


@dataclass
class Bench:
    """Both sides and what numbers they have used up."""

    client: Client
    engine: Engine
    lives: int
    at_once: int
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def together(self, live: Callable[[int, int], Awaitable[object]], at_once: int) -> float:
        """So many lives, `at_once` of them under way; lives per second."""
        waiting = [next(self.numbers) for _ in range(self.lives)]

        async def place(slot: int) -> None:
            while waiting:
                await live(slot, waiting.pop())

        began = time.perf_counter()
        await asyncio.gather(*(place(slot) for slot in range(at_once)))
        return self.lives / (time.perf_counter() - began)

    async def ours(self) -> float:
        """Through API's way into the workflows."""
        team = Team(self.engine, self.client, start)
        return await self.together(lambda slot, number: life(team, slot, number), self.at_once)

    async def record(self) -> float:
        """The same acts without Temporal, one at a time."""
        team = Team(self.engine, self.client, Direct(self.engine))
        return await self.together(lambda slot, number: life(team, slot, number), 1)

    async def bare(self) -> float:
        """The same number of updates on one workflow, each one INSERT."""
        return await self.together(lambda _, number: bare_life(self.client, number), self.at_once)


async def life(team: Plant, slot: int, number: int) -> None:
    """Ten acts of six people."""
    lot = f"H-{number}"
    await team.make(lot, f"R-{slot}", 50)
    await team.release(lot)
    await team.ship(f"SH-{number}", lot, 50)


async def bare_life(client: Client, number: int) -> None:
    """Ten updates of nobody."""
    handle = await client.start_workflow(Bare.run, ACTS, id=f"bare/{number}", task_queue=QUEUE)
    for step in range(ACTS):
        await handle.execute_update(Bare.act, step)
    await handle.result()


async def prepare(bench: Bench) -> None:
    """The plant, and for each place a material lot that lasts."""
    furnish(bench.engine)
    team = Team(bench.engine, bench.client, start)
    for slot in range(bench.at_once):
        await team.material(f"R-{slot}", 1_000_000)


async def explain(bench: Bench) -> None:
    """Where the difference comes from: what one life of each side leaves in Temporal."""
    number = next(bench.numbers)
    team = Team(bench.engine, bench.client, start)
    await life(team, 0, number)
    await bare_life(bench.client, number)
    ours = [f"lot/H-{number}", f"inspection/H-{number}/1", f"release/H-{number}/1", f"shipment/SH-{number}"]
    for name, ids in (("ours", ours), ("bare", [f"bare/{number}"])):
        events = [
            event.WhichOneof("attributes") or ""
            for one in ids
            for event in (await bench.client.get_workflow_handle(one).fetch_history()).events
        ]
        tasks = sum(event.startswith("workflow_task_completed") for event in events)
        acts = sum(event.startswith("activity_task_completed") for event in events)
        print(
            f"  {name}: {len(ids)} workflows, {len(events)} events, {tasks} workflow tasks, {acts} activities",
            file=sys.stderr,
        )


async def measure(settings: Settings, given: argparse.Namespace) -> dict[str, float]:
    """The medians of the interleaved cases."""
    client = await Client.connect(str(settings.temporal_address), data_converter=pydantic_data_converter)
    bench = Bench(client, db.engine(str(settings.database_url), pool_size=20), given.lives, given.at_once)
    await prepare(bench)
    await explain(bench)
    cases = {"ours": bench.ours, "bare": bench.bare, "record": bench.record}
    measured: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(given.repeats):
        for name, case in cases.items():
            measured[name].append(await case())
            print(f"  {number + 1}/{given.repeats} {name}: {measured[name][-1]:.2f} lives/s", file=sys.stderr)
    bench.engine.dispose()
    return {name: statistics.median(values) for name, values in measured.items()}


def main() -> None:
    """Start servers and workers, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--lives", type=int, default=24, help="lives per repeat")
    parser.add_argument("--at-once", type=int, default=8)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="batchwright-bench-") as home,
        running_stack(Settings(home=Path(home), temporal_ui=False, log_level="warning"), PARTS) as stack,
    ):
        settings = stack.settings
        _make_table(str(settings.database_owner_url))
        addresses = [str(settings.temporal_address), str(settings.database_url)]
        worker = subprocess.Popen([sys.executable, str(HERE / "lifecycle_bare.py"), *addresses])
        try:
            medians = asyncio.run(measure(settings, given))
        finally:
            worker.terminate()
            worker.wait(30)
    ratios = {
        "complete batch lives per second ÷ bare workflows with as many updates and INSERTs": medians["ours"]
        / medians["bare"],
        "the same acts straight at the record, one at a time ÷ through Temporal": medians["record"] / medians["ours"],
    }
    _timing.report(ratios, given.repeats, as_json=given.json)
    sys.stdout.flush()
    os._exit(0)  # a process that used a Temporal client can crash while the interpreter shuts down


def _make_table(owner_url: str) -> None:
    owner = create_engine(owner_url)
    with owner.begin() as connection:
        connection.execute(text(TABLE))
        connection.execute(text("grant select, insert on bare to batchwright_app"))
        # the plant is furnished under the name that tests write under; a plant's own trail doesn't take it
        connection.execute(
            text("insert into service_actor (actor_id, what, furnishes) values ('service:test', 'benchmark', true)")
        )
    owner.dispose()


if __name__ == "__main__":
    main()
