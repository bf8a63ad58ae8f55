"""Many waits are open at once, and each is over once and in time: twenty with the suite, 10,000 by `make test-deep NAME=many-timers`."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text as sql
from sqlmodel import Session, select

from models.kernel.store.act import act, now
from models.lot.tables import Lot
from models.process.acts.clock import CLOCK
from models.process.messages.process import RunView
from models.process.store import runs
from models.process.tables.process import ProcessRun
from tests.support.definitions import end, small
from tests.support.often import often
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes import waiting
from tests.support.servers.database import past_walls
from tests.support.servers.until import until

LOTS = 10
OPEN = often(20, 10_000)
TIME = timedelta(days=1)
LEAD = timedelta(seconds=often(10, 900))
"""From the beginning of the first to the moment at which all of them are over: long enough to begin them all."""
AT_ONCE = 50
EVERY = often(1, 10) / 5
"""Seconds between two questions whether all are over: each takes the event loop from the worker, the longer the more there are."""
WAIT = small({"key": "wait", "kind": "wait", "until": {"after": "P1D"}, "next": "end"}, end(), key="sample-many")
OLDER = sql("""
update process_run set state = jsonb_set(state, '{open,0,opened_at}', to_jsonb(cast(:opened as timestamptz)))
 where definition_id = (select id from definition_version where key = 'sample-many')
""")
COUNTS = """
select jsonb_build_object(
  'over', count(*) filter (where r.status = 'completed'),
  'early', count(*) filter (where r.ended_at < cast(:due as timestamptz)),
  'told', (select count(*) from lot_fact where fact = 'sample-many.wait'))
  from process_run r join definition_version d on d.id = r.definition_id where d.key = 'sample-many'
"""
LATEST = """
select extract(epoch from max(r.ended_at) - cast(:due as timestamptz))
  from process_run r join definition_version d on d.id = r.definition_id where d.key = 'sample-many'
"""


@pytest.fixture(scope="module", autouse=True)
def drawn(plant: Plant) -> Iterator[None]:
    waiting.ship(plant, WAIT)
    with waiting.known(WAIT):
        yield


def begin_all(session: Session) -> list[int]:
    """A tenth of them on each batch."""
    made = []
    for lot in session.exec(select(Lot).where(Lot.lot_no.startswith("MANY-"))).all():
        for number in range(OPEN // LOTS):
            one = runs.begin(
                session, "sample-many", lot, CLOCK, now(session), workflow_id=f"sample-many/{lot.lot_no}/{number}"
            )
            made.append(one.row.id)
    return made


async def follow(plant: Plant, views: list[RunView]) -> None:
    """Their workflows begin, some at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(view: RunView) -> None:
        async with room:
            await waiting.followed(plant, view)

    await asyncio.gather(*(one(view) for view in views))


@pytest.mark.timeout(0 if OPEN > 1000 else 180)
async def test_each_of_many_waits_is_over_once_and_not_early(plant: Plant) -> None:
    for number in range(LOTS):
        await plant.receive(f"MANY-{number}")
    with act(plant.engine, SETUP) as session:
        made, moment = begin_all(session), now(session)
    due = moment + LEAD
    with past_walls(plant.engine) as connection:
        connection.execute(OLDER, {"opened": due - TIME})
    with act(plant.engine, SETUP) as session:
        rows = session.exec(select(ProcessRun).where(ProcessRun.id.in_(made))).all()  # type: ignore[attr-defined]
        views = [runs.view(session, runs.load(session, row.id), text=True) for row in rows]
    assert {view.timers[0].at for view in views} == {due}
    await follow(plant, views)
    assert plant.scalar("select now() < cast(:due as timestamptz)", due=due), "all were open before the first was due"
    assert plant.scalar(COUNTS, due=due) == {"over": 0, "early": 0, "told": 0}

    await until(
        lambda: plant.scalar(COUNTS, due=due)["over"] == len(made),
        patience=LEAD.total_seconds() + often(120, 1800),
        every=EVERY,
    )
    assert plant.scalar(COUNTS, due=due) == {"over": len(made), "early": 0, "told": len(made)}
    print(f"{len(made)} waits open at once; the last was over {plant.scalar(LATEST, due=due):.1f} s after its moment")  # noqa: T201 - counts of a run in depth
