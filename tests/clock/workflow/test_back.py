"""While the clock shows less than the record holds, an act waits, and takes effect once when the clock is right."""

import asyncio

import pytest

from models.kernel.time import clock
from runtime.postgres import Postgres
from tests.support.plant.plant import Plant
from tests.support.servers.clock_back import clock_back
from tests.support.servers.database import TestDatabase
from tests.support.servers.until import until

SHIPPED = "select count(*) from shipment where shipment_no = 'SH-BACK'"


async def test_an_act_waits_while_the_clock_is_behind_the_record(
    plant: Plant, postgres: Postgres, furnished_database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    await plant.material("R-BACK", 10)

    def waited() -> bool:
        met = [one.exc_info[1] for one in caplog.records if one.exc_info]
        return any(getattr(one, "type", "") == clock.BEHIND.code for one in met)

    with clock_back(postgres, furnished_database.name):
        shipping = asyncio.create_task(plant.ship("SH-BACK", "R-BACK", 4))
        await until(lambda: waited() or shipping.done())
        assert not shipping.done()
        assert plant.scalar(SHIPPED) == 0
    await shipping
    assert plant.scalar(SHIPPED) == 1
    assert plant.scalar("select count(*) from applied where receipt ->> 'act' = 'ship'") == 1
    backwards = "select count(*) from (select at < lag(at) over (order by id) - interval '2 s' as back from audit_event) a where back"
    assert plant.scalar(backwards) == 0
