"""A worker is killed after PostgreSQL has committed an act and before Temporal knows: the act has taken effect once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from tests.faults import ledger, workflows_after
from tests.faults.conftest import Site
from tests.faults.lives import End, many_under_way
from tests.support import histories
from tests.support.often import DEEP
from tests.support.servers.stack import ROOT

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(300)]

LAST_ACTS = (3, 30) if DEEP else (9,)
"""Each worker dies with its n-th act; people act at the same time, so other acts are cut off anywhere.  With the suite one dies."""


@dataclass
class Victim:
    """The act that was committed and not reported."""

    workflow_id: str
    run_id: str
    activity_type: str
    command_id: str


def done(site: Site) -> list[Victim]:
    """Every act that a worker has done, in order, each as often as it was done."""
    lines = (site.up.home.path / "acts").read_text(encoding="utf-8").splitlines()
    return [Victim(*line.split(" ")) for line in lines]


@contextmanager
def worker(site: Site, last: int) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that dies with its `last` act; 0 lives until the block ends."""
    environment = {
        **os.environ,
        "BATCHWRIGHT_HOME": str(site.up.home.path),
        "DATABASE_URL": site.database_url,
        "TEMPORAL_ADDRESS": site.up.document()["temporal_address"],
    }
    argv = [sys.executable, "-m", "tests.faults.dying_worker", str(last), str(site.up.home.path / "acts")]
    with (site.up.home.logs / "worker.log").open("ab") as log:
        process = subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def die(site: Site, last: int) -> Victim:
    """Run a worker until it kills itself; answers what it had just committed."""
    with worker(site, last) as process:
        assert process.wait(90) == -signal.SIGKILL
    return done(site)[-1]


def live(site: Site, ends: list[End], surviving: ExitStack) -> list[Victim]:
    """Batches under way, whose workers die one after the other until one survives."""
    with many_under_way(site.people, "C", ends):
        victims = [die(site, last) for last in LAST_ACTS]
        surviving.enter_context(worker(site, 0))
    return victims


async def lost_tasks(client: Client, victim: Victim) -> int:
    """How many workflow tasks of the victim's workflow ended with the death of their worker."""
    history = await client.get_workflow_handle(victim.workflow_id, run_id=victim.run_id).fetch_history()
    return sum(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT for event in history.events)


async def test_what_was_committed_and_not_reported_takes_effect_once(site_without_worker: Site) -> None:
    site, ends = site_without_worker, list[End]()
    client = await workflows_after.connect(site.up.document()["temporal_address"])
    with ExitStack() as surviving:
        victims = await asyncio.to_thread(live, site, ends, surviving)
        ledger.check_all(site.engine, ends)
        written = await workflows_after.check(client, ends)
    assert ledger.applied(site.engine) == sum(end.acts for end in ends)
    for victim in victims:
        assert done(site).count(victim) == 2, f"{victim} was done, and asked for again"
        assert await lost_tasks(client, victim) >= 1, f"{victim} was not reported by the worker that did it"
    await histories.replay(written)
