"""An act that outlasts its workflow task is left to end: it takes effect once and leaves no transaction behind.

DESIGN 2.2, 7.5.  Temporal gives up a local activity after `AT_ONCE` and asks for the act again as a regular one; an
exception thrown into the first one's thread would tear its connection out of the middle of a query.
"""

import asyncio

import pytest
from sqlalchemy import create_engine, text

from runtime.postgres import SUPERUSER, Postgres
from tests.support.house.limits import limited
from tests.support.plant.plant import Plant
from tests.support.servers.database import TestDatabase
from tests.support.servers.together import SLOW, WAITING
from tests.support.servers.until import until

OPEN = text(
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    " and state <> 'idle'"
)
LOCK = text("select from lot where lot_no = :lot for no key update")


async def test_an_act_that_waits_for_a_batch_longer_than_its_workflow_task_is_done_once(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    await plant.material("R-SLOW", 10)
    watch = plant.engine.execution_options(isolation_level="AUTOCOMMIT")
    with watch.connect() as looking:

        def count(question: object) -> int:
            return int(looking.execute(question).scalar_one())  # type: ignore[call-overload]

        with plant.engine.begin() as before:
            before.execute(LOCK, {"lot": "R-SLOW"})
            shipping = asyncio.create_task(plant.ship("SH-SLOW", "R-SLOW", 4))
            # the first try has run out of time and waits on; the second waits beside it
            await until(lambda: count(WAITING) == 2)
        await shipping
        await until(lambda: count(OPEN) == 0)
    assert [one.getMessage() for one in caplog.records if one.name == "temporalio.activity"] == []
    sent = "select sum(n.quantity) from shipment_line n join lot l on l.id = n.lot_id where l.lot_no = 'R-SLOW'"
    assert plant.scalar(sent) == 4
    assert plant.scalar("select count(*) from applied where receipt ->> 'act' = 'ship'") == 1


async def test_who_asks_again_waits_for_the_first_try_longer_than_for_somebody_else(
    plant: Plant, postgres: Postgres, furnished_database: TestDatabase
) -> None:
    """A batch that somebody else keeps for a second is "try again"; the act itself, still at work, is its own answer."""
    await plant.material("R-LONG", 10)
    superuser = create_engine(postgres.url(SUPERUSER, furnished_database.name))
    with superuser.begin() as owner:
        owner.execute(text(SLOW.format(table="shipment")))
    superuser.dispose()
    # who connects from now on waits for a second
    with (
        limited(plant.engine, lock_timeout=1000),
        plant.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as asleep,
    ):
        asleep.execute(text("select pg_advisory_lock(4711)"))
        shipping = asyncio.create_task(plant.ship("SH-LONG", "R-LONG", 4))
        await until(lambda: asleep.execute(WAITING).scalar_one() == 1 or shipping.done())
        await asyncio.sleep(1.5)  # longer than somebody else is waited for
        early = shipping.done()
        asleep.execute(text("select pg_advisory_unlock(4711)"))
        assert not early
        await shipping
    assert plant.scalar("select count(*) from shipment where shipment_no = 'SH-LONG'") == 1
