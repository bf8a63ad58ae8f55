"""While the database and the process engine show different times an act waits, and goes on by itself when they agree."""

import asyncio
from datetime import timedelta

import pytest

from models.clock.store import clocks
from models.clock.store import signs_of_life as beats
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.kernel.time import clock
from models.person.store import sessions
from runtime.clock import compare as engine_clock
from runtime.postgres import Postgres
from tests.support.plant.plant import PASSWORD, SETUP, Plant
from tests.support.servers.clock_back import ahead, shifted
from tests.support.servers.database import TestDatabase
from tests.support.servers.until import until, until_async

WORKER = "w-clock"
SHIPPED = "select count(*) from shipment where shipment_no = 'SH-APART'"
EVENTS = "select string_agg(after ->> 'apart', ' ' order by id) from audit_event where table_name = 'clock_difference'"
HOURS = timedelta(hours=3)


@pytest.fixture
def worker(furnished_database: TestDatabase) -> str:
    """One that gives signs of life."""
    beats.write(furnished_database.engine, WORKER, 1, ("quality",), "build")
    return WORKER


async def agreeing(plant: Plant, worker: str) -> None:
    """Compare as often as it takes to be certain: a busy machine answers late."""

    async def so() -> bool:
        found = await engine_clock.compare(plant.engine, worker, engine_clock.of(plant.client))
        assert found.least <= timedelta() <= found.most, "one machine has one clock"
        return found.agree

    await until_async(so)


async def test_an_act_waits_while_the_engine_shows_another_time_and_goes_on_by_itself(
    plant: Plant, worker: str, caplog: pytest.LogCaptureFixture
) -> None:
    await plant.material("R-APART", 10)
    temporal = engine_clock.of(plant.client)

    def waited() -> bool:
        met = [one.exc_info[1] for one in caplog.records if one.exc_info]
        return any(getattr(one, "type", "") == clock.APART.code for one in met)

    for _ in range(2):  # a second worker that finds the same writes nothing again
        await engine_clock.compare(plant.engine, worker, shifted(temporal, HOURS))
    shipping = asyncio.create_task(plant.ship("SH-APART", "R-APART", 4))
    await until(lambda: waited() or shipping.done())
    assert not shipping.done()
    assert plant.scalar(SHIPPED) == 0
    await agreeing(plant, worker)
    await shipping
    assert plant.scalar(SHIPPED) == 1
    assert plant.scalar("select count(*) from applied where receipt ->> 'act' = 'ship'") == 1
    assert plant.scalar(EVENTS) == "true false"
    with reading(plant.engine) as session:
        again, apart = clocks.differences(session, 5)
    assert (again.apart, apart.apart) == (False, True)
    assert -HOURS - timedelta(minutes=5) < apart.ahead.least <= -HOURS


async def test_what_says_that_the_clocks_were_apart_keeps_nobody_from_working_afterwards(
    plant: Plant, worker: str, postgres: Postgres, furnished_database: TestDatabase
) -> None:
    temporal = engine_clock.of(plant.client)
    await engine_clock.compare(plant.engine, worker, shifted(temporal, -HOURS))
    with pytest.raises(Refusal, match="AUTH-002"):
        sessions.log_in(plant.engine, "admin", "not " + PASSWORD)  # somebody tries to come in, which is an event
    assert plant.scalar("select table_name from audit_event order by id desc limit 1") == "account"
    ahead(postgres, furnished_database.name)  # and stands at the time of the clock that was wrong
    with pytest.raises(Refusal, match="API-511"), act(plant.engine, SETUP):
        pass
    await agreeing(plant, worker)
    with act(plant.engine, SETUP):
        pass


async def test_a_comparison_of_long_ago_holds_nobody_up(plant: Plant, worker: str) -> None:
    temporal = engine_clock.of(plant.client)
    await engine_clock.compare(plant.engine, worker, shifted(temporal, HOURS))
    with pytest.raises(Refusal, match="API-511"), act(plant.engine, SETUP):
        pass
    beats.forget(plant.engine, worker)
    with act(plant.engine, SETUP):
        pass
    seen = clocks.look(plant.engine)
    assert (seen.clocks.ahead, seen.clocks.wrong) == (None, False)
