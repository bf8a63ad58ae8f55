"""kill -9 of the worker and of the API at every point of a process that they know nothing of: it goes on, and everything happens once.

Each point has a sample of its own.  Somebody comes to all of them at the same time, then the process is killed: one kill before
all that a worker does, one after it (committed, not reported), one for an API before and after each of its updates.  With the
suite each of these has one kill, in turn before and after it; in depth both.

On the same stack batches live, whose worker is killed after PostgreSQL has committed an act and before Temporal knows.
"""

import asyncio
import shutil
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from runtime.ports import free_port
from runtime.postgres import OWNER, Postgres
from tests.faults import ledger, victims, workflows_after
from tests.faults.clients import shift
from tests.faults.conftest import Site
from tests.faults.lives import End
from tests.process.sample import installed as sample
from tests.support import histories
from tests.support.often import DEEP, often
from tests.support.servers import prepared
from tests.support.servers.stack import Up, wait_for
from tests.support.servers.until import ended

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(300)]

STEPS = ("write", "review", "approve", "look.1", "look.2")
ACTS = (*STEPS, "load_run.1", "escalate", "run_automatic")
TURN = often(2, 1)
"""With the suite every other is killed before it is done, the others after."""
BEFORE = tuple(f"before:{what}" for what in ACTS[::TURN])
AFTER = (*(f"after:{what}" for what in ACTS[TURN - 1 :: TURN]), "after:start")
"""The dispatcher hands on one after the other, so that it can stand at one point only."""
API = (
    *(f"before:update.{step}" for step in STEPS[::TURN]),
    *(f"after:update.{step}" for step in STEPS[TURN - 1 :: TURN]),
)
DISPATCHED = ("before:start", "before:signal", "after:signal")
ROUNDS = {"acts": ("worker", (*BEFORE, *AFTER)), "updates": ("api", API)}
if DEEP:
    ROUNDS = {"acts-begun": ("worker", BEFORE), "acts-done": ("worker", AFTER), "updates": ("api", API)}
    ROUNDS |= {one: ("worker", (one,)) for one in DISPATCHED}
PATIENCE = 90.0
SEEN = text("""
select a.told,
  (select array_agg(stage order by id) from human_task where subject_id = a.subject_id and status = 'done') as tasks,
  (select array_agg(meaning) from signature where subject_id = a.subject_id) as signed,
  (select array_agg(status) from process_run where subject_id = a.subject_id) as runs,
  (select count(*) from act_fault f where f.workflow_id in (select workflow_id from process_run where subject_id = a.subject_id)) as faults
  from sample a where a.number = :number
""")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A supervised plant that has samples."""
    folder, port = prepared.furnished("samples-"), free_port()
    with (
        sample.handed_in(),
        Up(folder, ("-m", "tests.process.sample.up"), {"BATCHWRIGHT_PORT": str(port)}) as up,
    ):
        server = Postgres(up.home)
        server.port = up.document()["postgres_port"]
        engine = create_engine(server.url(), poolclass=NullPool)
        sample.furnish(server.url(OWNER), engine)
        with shift(up.api) as people:
            yield Site(up, server.url(), engine, people)
    shutil.rmtree(folder, ignore_errors=True)


async def test_what_was_committed_and_not_reported_takes_effect_once(site: Site) -> None:
    ends, before = list[End](), ledger.applied(site.engine)
    client = await workflows_after.connect(site.up.document()["temporal_address"])
    died = await asyncio.to_thread(victims.live, site, ends)
    ledger.check_all(site.engine, ends)
    written = await workflows_after.check(client, ends)
    assert ledger.applied(site.engine) - before == sum(end.acts for end in ends)
    for victim in died:
        assert victims.done(site).count(victim) == 2, f"{victim} was done, and asked for again"
        assert await victims.lost_tasks(client, victim) >= 1, f"{victim} was not reported by the worker that did it"
    await histories.replay(written)


def status(site: Site, number: str) -> str:
    with site.engine.connect() as connection:
        query = "select r.status || ' ' || coalesce(r.state -> 'open' -> 0 ->> 'key', '') from process_run r where r.workflow_id = :id"
        return str(connection.execute(text(query), {"id": f"sample/{number}"}).scalar_one())


def live(site: Site, number: str, *, by_day: bool) -> None:
    """A whole life: where its day is today it rests for no time, else word comes."""
    people = site.people
    sample.begin(site.engine, number)
    form = {**sample.FORM, "due": "2020-01-01" if by_day else "2031-01-01"}
    people["lin.jian"].complete(number, "write", form=form)
    people["zhou.shen"].sign(number, "review", "agree")
    people["chen.pi"].sign(number, "approve", "agree")
    for _ in (1, 2):
        people["lin.jian"].complete(number, "look")
    if not by_day:
        wait_for(lambda: status(site, number) == "running rest", PATIENCE, f"{number} rests")
        assert sample.word(site.engine, number)
    wait_for(lambda: status(site, number) == "completed ", PATIENCE, f"{number} ends")


def lives_of(site: Site) -> dict[str, set[str]]:
    """Which processes came to each point.

    Of both parts: while no worker is there to start what the record has begun, the API starts it for the person who acts on it.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for file in site.up.home.path.glob("passed-*"):
        for line in file.read_text(encoding="utf-8").splitlines():
            pid, point = line.split(" ")
            found[point].add(pid)
    return found


def once_more(site: Site, points: list[str]) -> None:
    """After the kill, somebody came to each of these points again."""

    def left() -> list[str]:
        came = lives_of(site)
        return [one for one in points if len(came[one]) < 2]

    with suppress(TimeoutError):
        wait_for(lambda: not left(), PATIENCE)
    assert not left(), f"nobody came again to {left()}"


@pytest.mark.parametrize("name", sorted(ROUNDS))
def test_killed_at_each_point_it_goes_on_and_everything_happens_once(site: Site, name: str) -> None:
    part, points = ROUNDS[name]
    numbers = {point: f"K-{name.replace(':', '-')}-{number}" for number, point in enumerate(points)}
    stops = [f"{point}:{number}" for point, number in numbers.items()]
    before, old = acts(site), site.up.pid(part)
    site.up.home.path.joinpath(f"stops-{part}").write_text("\n".join(stops), encoding="utf-8")
    with ThreadPoolExecutor(len(points)) as pool:
        lives = [pool.submit(live, site, number, by_day="escalate" in point) for point, number in numbers.items()]
        site.up.wait_restarted(part, old, PATIENCE)
        for one in lives:
            one.result()
    # what was committed is in the record: the same request finds it there, and a workflow that reads it need not ask again
    once_more(site, [one for one in stops if one.startswith("before:")])
    asyncio.run(all_ended(site, [*numbers.values()]))
    for point, number in numbers.items():
        check(site, number, sample.BY_DAY if "escalate" in point else sample.TOLD)
    wait_for(lambda: ledger.undelivered(site.engine) == 0, ledger.DELIVERED_WITHIN, "delivery of all facts")
    ledger.check_whole(site.engine)
    assert acts(site) - before == 6 * len(points)


def acts(site: Site) -> int:
    """How many steps took effect: those of people and the automatic ones; a moment that is told of again leaves a receipt of nothing."""
    with site.engine.connect() as connection:
        return int(
            connection.execute(
                text("select count(*) from applied where activity_key ~ '^(complete_task|run_automatic):'")
            ).scalar_one()
        )


async def all_ended(site: Site, numbers: list[str]) -> None:
    """No workflow of a sample or of a part goes on where the record has its end."""
    client = await workflows_after.connect(site.up.document()["temporal_address"])
    with site.engine.connect() as connection:
        query = "select r.workflow_id from process_run r join sample a on a.subject_id = r.subject_id where a.number = any(:numbers)"
        every = connection.execute(text(query), {"numbers": numbers}).scalars().all()
    assert len(every) == 3 * len(numbers)
    for one in every:
        await ended(client, one)


def check(site: Site, number: str, told: list[str]) -> None:
    """Its line of life, its tasks and its signatures have everything once."""
    with site.engine.connect() as connection:
        row = connection.execute(SEEN, {"number": number}).one()
    assert row.told.split() == told
    assert row.tasks == ["write", "review", "approve", "look", "look"]
    assert sorted(row.signed) == ["approved", "reviewed"]
    assert row.runs == ["completed"] * 3
    assert row.faults == 0
