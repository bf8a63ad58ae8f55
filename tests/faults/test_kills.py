"""kill -9 under people's hands, all on one stack: it goes on, and everything happens once.

- At every point of a process (samples) the worker or the API is killed.  Each point has a sample of its own; somebody comes to all of
  them at the same time, then the process is killed: in depth one kill before all that a worker does, one after it (committed,
  not reported), one for an API before and after each of its updates.  With the suite each of these has one kill, in turn before and
  after it, and lives whose API was killed have their worker killed later.
- A worker dies after PostgreSQL has committed an act and before Temporal knows, by an act of a batch under way: in depth; with the suite
  a sample's worker does (`after:…`).
- A worker dies within the verdict on a failed lot, before any of what follows from it.
- Batches under way reach their right end while each part is killed in turn; many requests are at the server that dies: each has one
  effect, and everybody who asked gets the answer.
- Everything is stopped in the middle of an open task and started again: the task and the half-filled form are there.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from runtime.ports import NO_TLS, is_free
from runtime.process import is_same
from tests.faults import ledger, samples, victims, workflows_after
from tests.faults.clients import Acts, Terminal
from tests.faults.conftest import Site
from tests.faults.lives import ACTS, LIVES, End, many_under_way, measure, receive
from tests.support import histories
from tests.support.house.proves import proves
from tests.support.often import DEEP, often
from tests.support.plant.plant import PASSWORD
from tests.support.processes import failing
from tests.support.servers.stack import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

STEPS = ("write", "review", "approve", "look.1", "look.2")
SAMPLE_ACTS = (*STEPS, "load_run.1", "escalate", "run_automatic")
BEFORE = tuple(f"before:{what}" for what in SAMPLE_ACTS)
AFTER = (*(f"after:{what}" for what in SAMPLE_ACTS), "after:start")
"""The dispatcher hands on one after the other, so that it can stand at one point only."""
API = (*(f"before:update.{step}" for step in STEPS), *(f"after:update.{step}" for step in STEPS))
DISPATCHED = ("before:start", "before:signal", "after:signal")
SHARE = (
    ("before:write",),
    ("after:review",),
    ("after:load_run.1",),
    ("after:start",),
    ("before:update.write", "before:approve"),
    ("before:update.approve", "after:look.1"),
    ("after:update.review", "before:look.2"),
    ("after:update.look.1", "after:run_automatic"),
    ("before:update.look.2", "before:escalate"),
)
"""Of each life where its API and where its worker is killed: first the API of all, then the worker of all."""
ROUNDS: dict[str, tuple[tuple[str, ...], ...]] = {"with-the-suite": SHARE}
if DEEP:
    _ALONE = {"acts-begun": BEFORE, "acts-done": AFTER, "updates": API} | {one: (one,) for one in DISPATCHED}
    ROUNDS = {name: tuple((one,) for one in points) for name, points in _ALONE.items()}


@pytest.mark.skipif(not DEEP, reason="a worker that dies so is one of the points at which samples are killed")
async def test_what_was_committed_and_not_reported_takes_effect_once(site: Site) -> None:
    ends, before = list[End](), ledger.applied(site.engine)
    client = await workflows_after.connect(site.up.document()["temporal_address"])
    died = await asyncio.to_thread(victims.live, site, ends)
    ledger.check_all(site.engine, ends)
    written = await workflows_after.check(client, ends)
    ledger.check_applied(ledger.applied(site.engine) - before, sum(end.acts for end in ends))
    for victim in died:
        assert victims.done(site).count(victim) == 2, f"{victim} was done, and asked for again"
        assert await victims.lost_tasks(client, victim) >= 1, f"{victim} was not reported by the worker that did it"
    await histories.replay(written)


WITHIN = (
    "capa (",
    "nonconformance (",
    "sampling_lot (",
    "update sampling_severity",
    "inspection set",
    "signature (",
    "into fact",
    "into outbox",
    "into cause",
)
"""The words of a statement of the verdict on a failed lot, each before which a worker is killed: with the suite one of them."""
FOLLOWS = {
    "verdict": ["failed"],
    "signatures": 1,
    "lot": "received",
    "task": ["disposition"],
    "nonconformances": [["major", "open", True, True]],
    "capas": [["open", True]],
    "points": 0,
    "alerts": 0,
    "sampling": [["normal", "tightened"]],
    "severity": "tightened",
    "facts": ["capa.opened", "inspection.failed", "nonconformance.opened", "supplier.sampling_switched"],
    "causes": ["begun"],
}
"""What a failed lot leaves where nobody charts it, and one before it has failed."""


@pytest.mark.parametrize("words", WITHIN[: often(1, len(WITHIN))])
def test_killed_within_the_verdict_on_a_failed_lot_all_that_follows_is_there_once(site: Site, words: str) -> None:
    name = f"F-{WITHIN.index(words)}"
    with failing.every_failure_a_capa(site.engine), ThreadPoolExecutor(1) as pool:
        goods = failing.goods(site.engine, name)
        for lot_no in (f"{name}-A", f"{name}-X"):
            receive(site.people, lot_no, **goods)
            measure(site.people, lot_no, "13.00")
        inspector, old = site.people["lin.jian"], site.up.pid("worker")
        inspector.sign(f"{name}-A", "inspect", "failed")
        dies = site.up.home.path / "dies-within"
        dies.write_text(words, encoding="utf-8")
        signed = pool.submit(inspector.sign, f"{name}-X", "inspect", "failed")
        site.up.wait_restarted("worker", old)
        signed.result()
        assert not dies.exists(), "nothing of the verdict has these words"
        assert failing.read(site.engine, f"{name}-X") == FOLLOWS


def part(point: str) -> str:
    """Who is killed there."""
    return "api" if ":update." in point else "worker"


@pytest.mark.parametrize("name", sorted(ROUNDS))
def test_killed_at_each_point_it_goes_on_and_everything_happens_once(site: Site, name: str) -> None:
    lives = {f"K-{name.replace(':', '-')}-{number}": points for number, points in enumerate(ROUNDS[name])}
    stops = [f"{point}:{number}" for number, points in lives.items() for point in points]
    by_day = {number: any("escalate" in point for point in points) for number, points in lives.items()}
    killed = [one for one in ("api", "worker") if any(part(stop) == one for stop in stops)]
    before, old = samples.acts(site), {one: site.up.pid(one) for one in killed}
    for one in killed:
        its = "\n".join(stop for stop in stops if part(stop) == one)
        site.up.home.path.joinpath(f"stops-{one}").write_text(its, encoding="utf-8")
    with ThreadPoolExecutor(len(lives)) as pool:
        under_way = [pool.submit(samples.live, site, number, by_day=by_day[number]) for number in lives]
        for one in killed:
            site.up.wait_restarted(one, old[one], samples.PATIENCE)
        for life in under_way:
            life.result()
    # what was committed is in the record: the same request finds it there, and a workflow that reads it need not ask again
    samples.once_more(site, [one for one in stops if one.startswith("before:")])
    samples.check_all(site, by_day)
    assert samples.acts(site) - before == samples.ACTS_EACH * len(lives)


ALL = sum(ACTS[life] for life in LIVES)
KILLS = ((ALL // 9, "worker"), (ALL // 3, "api"), (ALL // 2, "temporal"), (ALL * 2 // 3, "postgres"))
"""Answered acts at which a part is killed: early, where none has come to its end, up to where some have."""
PEOPLE = often(12, 50)
"""So many send a receipt each to the PostgreSQL that is killed."""
PAIRS = often(2, 6)
"""How many receipts and how many signatures two clients send to the API that is killed."""
LOTS = text(
    "select count(*), count(distinct lot_no), (select count(*) from stock_movement m join lot on lot.id = m.lot_id"
    " where lot.lot_no like :like), (select count(*) from human_task t join lot on lot.id = t.lot_id"
    " where lot.lot_no like :like and t.status = 'open') from lot where lot_no like :like"
)
HALF = {"remark": "外观合格, 尺寸待复"}


@dataclass
class Killed:
    """What people did while one part after another was killed, and what they were answered."""

    effects: set[str] = field(default_factory=set)
    """The keys of the acts that took effect."""
    ends: list[End] = field(default_factory=list)
    pairs: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def acts(self) -> int:
        """How many acts were asked for, each counted once."""
        return sum(end.acts for end in self.ends) + PEOPLE + 2 * PAIRS


@pytest.fixture(scope="module")
def killed(site: Site) -> Killed:
    """Each part is killed once, under batches on their way and under the requests that are just at it."""
    found, acts, sent = Killed(), site.people.acts, list[Future[Any]]()
    with two_clients(site, found) as send_twice:
        before, begun = ledger.applied(site.engine), acts.done
        with ThreadPoolExecutor(PEOPLE + 4 * PAIRS) as pool, many_under_way(site.people, "K", found.ends):
            at_it: dict[str, Callable[[ThreadPoolExecutor], list[Future[Any]]]]
            at_it = {"api": send_twice, "postgres": partial(many_people, site)}
            for number, one in KILLS:
                acts.wait_for(begun + number)
                if one in at_it:
                    sent += at_it[one](pool)
                site.up.wait_restarted(one, site.up.kill(one))
            for each in sent:
                each.result()
    wait_for(lambda: ready(site), what="/readyz", pause=0.5)
    wait_for(
        lambda: ledger.undelivered(site.engine) == 0, ledger.DELIVERED_WITHIN, what="delivery of all facts", pause=0.5
    )
    found.effects = ledger.applied(site.engine) - before
    return found


def many_people(site: Site, pool: ThreadPoolExecutor) -> list[Future[Any]]:
    """Each receives a batch; a fifth of them have their answer."""
    sent: list[Future[Any]] = [pool.submit(receive, site.people, f"MANY-{number}") for number in range(PEOPLE)]
    wait_for(lambda: sum(one.done() for one in sent) >= PEOPLE // 5, 90, "the first answers")
    return sent


@contextmanager
def two_clients(site: Site, found: Killed) -> Iterator[Callable[[ThreadPoolExecutor], list[Future[Any]]]]:
    """Receipts and signatures, each to be sent by two clients with one Idempotency-Key; at the end their answers are found."""
    lots = [f"SAME-{number}" for number in range(PAIRS)]
    with ThreadPoolExecutor(PAIRS) as pool:
        list(pool.map(lambda lot_no: receive_and_measure(site, lot_no), lots))
    inspector = site.people["lin.jian"]
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("li.cang", "/lots", body(f"SAME-NEW-{number}")) for number in range(PAIRS)
    ]
    for lot_no in lots:
        task = inspector.task(lot_no, "inspect")
        shown = inspector.read(f"/tasks/{task}/record")
        signature = {"password": PASSWORD, "meaning": shown["meaning"], "digest": shown["digest"]}
        requests.append(("lin.jian", f"/tasks/{task}/complete", {"outcome": "accepted", "signature": signature}))
    acts, pairs = Acts(), list[tuple[Future[Any], Future[Any]]]()
    with (
        Terminal(site.up.api, "li.cang", acts) as first_receiver,
        Terminal(site.up.api, "lin.jian", acts) as first_inspector,
    ):
        first = {"li.cang": first_receiver, "lin.jian": first_inspector}

        def send(pool: ThreadPoolExecutor) -> list[Future[Any]]:
            for number, (login, path, given) in enumerate(requests):
                one, other = (
                    pool.submit(people[login].act, path, given, f"key-{number}")
                    for people in (first, site.people.everybody)
                )
                pairs.append((one, other))
            acts.wait_for(1)
            return [one for pair in pairs for one in pair]

        yield send
    found.pairs = [(one.result(), other.result()) for one, other in pairs]


def receive_and_measure(site: Site, lot_no: str) -> None:
    receive(site.people, lot_no)
    measure(site.people, lot_no)


def body(lot_no: str) -> dict[str, object]:
    return {"lot_no": lot_no, "item_no": "PEEK-20", "quantity": 10, "location": "RCV-01"}


def ready(site: Site) -> bool:
    """Every part says that it works; nobody but the supervisor did anything for it."""
    try:
        return httpx.get(f"{site.up.api}/readyz", timeout=20, trust_env=False, verify=NO_TLS).is_success
    except httpx.HTTPError:
        return False


@proves("R9")
async def test_batches_reach_their_end_while_one_part_after_another_is_killed(site: Site, killed: Killed) -> None:
    for end in killed.ends:
        ledger.check_batch(site.engine, end)
    ledger.check_whole(site.engine)
    ledger.check_applied(killed.effects, killed.acts)
    client = await workflows_after.connect(site.up.document()["temporal_address"])
    await workflows_after.check(client, killed.ends)


def test_many_people_act_while_postgresql_is_killed(site: Site, killed: Killed) -> None:
    assert killed.ends
    with site.engine.connect() as connection:
        assert connection.execute(LOTS, {"like": "MANY-%"}).one() == (PEOPLE,) * 4


def test_two_clients_send_the_same_request_while_the_api_is_killed(site: Site, killed: Killed) -> None:
    """One effect, equal answers."""
    assert len(killed.pairs) == 2 * PAIRS
    assert [one for one, other in killed.pairs if one != other] == []
    with site.engine.connect() as connection:
        assert connection.execute(LOTS, {"like": "SAME-NEW-%"}).one() == (PAIRS,) * 4
        signatures = connection.execute(
            text("select count(*) from signature s join lot l on l.id = s.lot_id where l.lot_no like 'SAME-%'")
        )
        assert signatures.scalar_one() == PAIRS


@proves("R9")
@pytest.mark.parametrize("how", ["killed", "stopped"][: often(1, 2)])
def test_an_open_task_and_its_half_filled_form_are_there_after_a_restart(site: Site, how: str) -> None:
    lot_no, inspector = f"HALF-{how}", site.people["lin.jian"]
    receive(site.people, lot_no)
    task = inspector.task(lot_no, "inspect")
    inspector.draft(task, HALF)
    if how == "stopped":
        stop_and_start(site)
    else:
        site.up.kill_supervisor()
        site.up.start()
    wait_for(lambda: ready(site), what="/readyz", pause=0.5)
    seen = inspector.read(f"/tasks/{task}")
    assert (seen["task"]["status"], seen["task"]["stage"], seen["draft"]) == ("open", "inspect", HALF)
    measure(site.people, lot_no)
    inspector.sign(lot_no, "inspect", "accepted", form=HALF)
    ledger.check_whole(site.engine)


def stop_and_start(site: Site) -> None:
    """Ctrl-C stops everything, and the next start uses the same ports."""
    before = site.up.document()
    assert site.up.stop() == 0
    assert not any(is_same(each) for each in before["parts"].values())
    assert is_free(before["postgres_port"])
    site.up.start()
    assert site.up.document()["postgres_port"] == before["postgres_port"]
