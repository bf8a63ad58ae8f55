"""Samples (`tests.process.sample`) under way while the process that they know nothing of is killed, and what the record must say then."""

import asyncio
from collections import defaultdict
from contextlib import suppress

from sqlalchemy import text

from tests.faults import ledger, workflows_after
from tests.faults.conftest import Site
from tests.process.sample import installed as sample
from tests.support.servers.stack import wait_for
from tests.support.servers.until import ended

PATIENCE = 90.0
LOOK = 0.5
"""Seconds between looks at the record: each is a connection of its own, and many lives are looked at side by side."""
ACTS_EACH = 6
"""Acts in each life: five of people and an automatic one."""
SEEN = text("""
select a.told,
  (select array_agg(stage order by id) from human_task where subject_id = a.subject_id and status = 'done') as tasks,
  (select array_agg(meaning) from signature where subject_id = a.subject_id) as signed,
  (select array_agg(status) from process_run where subject_id = a.subject_id) as runs,
  (select count(*) from act_fault f where f.workflow_id in (select workflow_id from process_run where subject_id = a.subject_id)) as faults
  from sample a where a.number = :number
""")


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
        wait_for(lambda: status(site, number) == "running rest", PATIENCE, f"{number} rests", pause=LOOK)
        assert sample.word(site.engine, number)
    wait_for(lambda: status(site, number) == "completed ", PATIENCE, f"{number} ends", pause=LOOK)


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


def acts(site: Site) -> int:
    """How many steps took effect: those of people and the automatic ones; a moment that is told of again leaves a receipt of nothing."""
    with site.engine.connect() as connection:
        return int(
            connection.execute(
                text("select count(*) from applied where activity_key ~ '^(complete_task|run_automatic):'")
            ).scalar_one()
        )


def check_all(site: Site, by_day: dict[str, bool]) -> None:
    """Everything of each of these numbers is there once, Temporal is at its end too, and the record as a whole is consistent."""
    asyncio.run(_all_ended(site, [*by_day]))
    for number, came in by_day.items():
        _check(site, number, sample.BY_DAY if came else sample.TOLD)
    wait_for(lambda: ledger.undelivered(site.engine) == 0, ledger.DELIVERED_WITHIN, "delivery of all facts", pause=LOOK)
    ledger.check_whole(site.engine)


async def _all_ended(site: Site, numbers: list[str]) -> None:
    """No workflow of a sample or of a part goes on where the record has its end."""
    client = await workflows_after.connect(site.up.document()["temporal_address"])
    with site.engine.connect() as connection:
        query = "select r.workflow_id from process_run r join sample a on a.subject_id = r.subject_id where a.number = any(:numbers)"
        every = connection.execute(text(query), {"numbers": numbers}).scalars().all()
    assert len(every) == 3 * len(numbers)
    for one in every:
        await ended(client, one)


def _check(site: Site, number: str, told: list[str]) -> None:
    """Its line of life, its tasks and its signatures have everything once."""
    with site.engine.connect() as connection:
        row = connection.execute(SEEN, {"number": number}).one()
    assert row.told.split() == told
    assert row.tasks == ["write", "review", "approve", "look", "look"]
    assert sorted(row.signed) == ["approved", "reviewed"]
    assert row.runs == ["completed"] * 3
    assert row.faults == 0
