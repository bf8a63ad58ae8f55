"""The outbox: what can't be delivered stands aside, the others go on; no transaction is open meanwhile (DESIGN 6)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities import delivery
from activities.delivery import Delivery
from models.kernel.delivery import TRIES
from models.kernel.refusal import Refusal
from models.kernel.store import outbox
from models.kernel.store.act import Actor, act
from tests.support.plant.plant import SETUP, Plant
from tests.support.servers.until import until

PUT = "insert into outbox (lot_id, fact, payload) values (:lot, :fact, cast(:payload as jsonb)) returning id"
ROW = text("select delivered_at, attempts, last_error, next_at > now() as later, given_up_at, public_id from outbox where id = :id")  # fmt: skip
IN_TRANSACTION = "select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'"  # fmt: skip


def put(plant: Plant, fact: str, payload: str = "{}", lot_no: str | None = None) -> int:
    lot = plant.scalar("select id from lot where lot_no = :no", no=lot_no) if lot_no else None
    with act(plant.engine, SETUP) as session:
        found = session.connection().execute(text(PUT), {"lot": lot, "fact": fact, "payload": payload})
        return int(found.scalar_one())


def row(plant: Plant, key: int) -> Any:
    with plant.engine.connect() as connection:
        return connection.execute(ROW, {"id": key}).one()


def due(plant: Plant) -> None:
    """The pauses are over."""
    with act(plant.engine, SETUP) as session:
        session.connection().execute(text("update outbox set next_at = now() where delivered_at is null"))


async def deliver(plant: Plant, client: Client | None = None) -> None:
    while await Delivery(plant.engine, client or plant.client).deliver_once():
        pass


async def test_one_fact_that_cannot_be_delivered_stops_no_other(plant: Plant) -> None:
    await plant.receive("R-OUT")
    await deliver(plant)
    bad = put(plant, "recall.notice", '{"kind": "first"}')  # which notice?
    good = put(plant, "lot.depleted", lot_no="R-OUT")
    await deliver(plant)
    assert row(plant, good).delivered_at is not None
    waiting = row(plant, bad)
    assert (waiting.delivered_at, waiting.attempts, waiting.later, waiting.given_up_at) == (None, 1, True, None)
    assert "KeyError" in waiting.last_error
    for _ in range(TRIES):
        due(plant)
        await deliver(plant)
    given_up = row(plant, bad)
    assert (given_up.attempts, given_up.given_up_at is not None) == (TRIES, True)
    # an operator has it tried again, then leaves it
    key = UUID(str(given_up.public_id))
    with act(plant.engine, SETUP) as session:
        outbox.again(session, key, datetime.now(UTC))
    with pytest.raises(Refusal, match="FLT-011"), act(plant.engine, SETUP) as session:
        outbox.again(session, key, datetime.now(UTC))
    for _ in range(TRIES):
        due(plant)
        await deliver(plant)
    with pytest.raises(Refusal, match="FLT-003"), act(plant.engine, SETUP) as session:
        outbox.dismiss(session, key, plant.by("admin").person_id, " ", datetime.now(UTC))
    by = plant.by("admin")
    with act(plant.engine, Actor(by.actor_id, by.name, "test")) as session:
        outbox.dismiss(session, key, by.person_id, "召回已撤回", datetime.now(UTC))
    assert row(plant, bad).attempts == TRIES


async def test_a_fact_cancels_no_process_that_the_record_has_running(plant: Plant) -> None:
    await plant.receive("R-GOES-ON")
    run = plant.scalar("select id from process_run where workflow_id = 'lot/R-GOES-ON'")
    forged = put(plant, "process.cancelled", f'{{"run": {run}}}')
    await deliver(plant)
    assert row(plant, forged).delivered_at is not None
    assert plant.scalar("select status from process_run where id = :id", id=run) == "running"
    handle = plant.client.get_workflow_handle("lot/R-GOES-ON")
    events = [event.event_type async for event in handle.fetch_history_events()]
    assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED not in events


@asynccontextmanager
async def silent_server() -> AsyncIterator[Client]:
    """Something that takes connections and never says a word."""

    callers: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(writer)
        await reader.read()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield await Client.connect(f"127.0.0.1:{port}", lazy=True, data_converter=pydantic_data_converter)
    server.close()
    for one in callers:
        one.close()
    await asyncio.gather(*(one.wait_closed() for one in callers))


async def test_an_engine_that_hangs_keeps_no_transaction_open_and_costs_no_try(plant: Plant) -> None:
    await plant.receive("R-HANG")
    await deliver(plant)
    key = put(plant, "lot.depleted", lot_no="R-HANG")
    async with silent_server() as nobody:
        delivering = asyncio.create_task(Delivery(plant.engine, nobody).deliver_once())
        await until(lambda: row(plant, key).later)  # taken
        await asyncio.sleep(0.2)
        assert plant.scalar(IN_TRANSACTION) == 0
        async with asyncio.timeout((delivery.ONE + delivery.SHORT).total_seconds() + 12):
            assert await delivering == 0
    waiting = row(plant, key)
    assert (waiting.attempts, waiting.given_up_at, waiting.last_error) == (0, None, "the engine doesn't answer")
    due(plant)
    await deliver(plant)
    assert row(plant, key).delivered_at is not None


async def signals(client: Client, workflow_id: str) -> int:
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    return sum(one.HasField("workflow_execution_signaled_event_attributes") for one in history.events)


async def test_many_facts_of_a_batch_make_its_workflow_look_once_and_holds_not_at_all(plant: Plant) -> None:
    await plant.receive("R-NEWS")
    await deliver(plant)
    before = await signals(plant.client, "lot/R-NEWS")
    held = [put(plant, "lot.held", lot_no="R-NEWS") for _ in range(50)]
    await deliver(plant)
    assert all(row(plant, one).delivered_at for one in held)
    assert await signals(plant.client, "lot/R-NEWS") == before
    news = [put(plant, "lot.hold_lifted", lot_no="R-NEWS") for _ in range(50)]
    await deliver(plant)
    assert all(row(plant, one).delivered_at for one in news)
    assert await signals(plant.client, "lot/R-NEWS") == before + 1


async def test_what_has_an_effect_of_its_own_goes_before_news(plant: Plant) -> None:
    await plant.receive("R-FIRST")
    await deliver(plant)
    for _ in range(3):
        put(plant, "lot.hold_lifted", lot_no="R-FIRST")
    run = plant.scalar("select id from process_run where workflow_id = 'lot/R-FIRST'")
    begun = put(plant, "process.begun", f'{{"run": {run}}}')
    with act(plant.engine, SETUP) as session:
        taken = outbox.take(session, 2)
    assert next(one.id for one in taken) == begun
    due(plant)
    await deliver(plant)
    assert delivery.NEWS < delivery.TAKEN
