"""An act ends in done, refused or fault; a fault stops nobody else and can be done again (DESIGN 6a)."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text

from activities import transaction
from models.fault import store as faults
from models.fault.messages import RetryFault
from models.inspection.messages import MeasuredValue, RecordResults
from models.kernel import fault
from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act
from runtime.postgres import SUPERUSER, Postgres
from tests.support.house.limits import limited
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import check_sentences
from tests.support.servers.database import TestDatabase
from tests.support.servers.until import until
from workflows.temporal import queues, start

BREAK = """
create or replace function broken() returns trigger language plpgsql as $$
begin raise exception 'a bug' using errcode = 'XX000'; end $$;
create trigger broken before insert on {table} for each row execute function broken()
"""
OPEN = "select count(*) from act_fault where status = 'open'"


@pytest.fixture
def owner(postgres: Postgres, furnished_database: TestDatabase) -> Iterator[Any]:
    """A connection that may do what no application role may."""
    made = create_engine(postgres.url(SUPERUSER, furnished_database.name))
    yield made
    made.dispose()


@contextmanager
def broken(owner: Any, table: str) -> Iterator[None]:
    """Whoever writes into this table meets something that nobody foresaw."""
    with owner.begin() as connection:
        connection.execute(text(BREAK.format(table=table)))
    try:
        yield
    finally:
        with owner.begin() as connection:
            connection.execute(text(f"drop trigger broken on {table}"))


async def refused_with_fault(doing: Any) -> int:
    """The person reads a sentence with the number of the fault, soon; answers the number."""
    with pytest.raises(Refusal) as info:
        await asyncio.wait_for(doing, 15)
    check_sentences(info.value)
    assert (info.value.code, info.value.status) == ("API-510", 500)
    return int(info.value.params["number"])


async def again(plant: Plant, number: int) -> Any:
    """The administrator has it done again."""
    public_id = UUID(str(plant.scalar("select public_id from act_fault where id = :id", id=number)))
    with act(plant.engine, SETUP) as session:
        row = faults.take_up(session, public_id)
        name, command, tries = row.act, row.command, row.tries
    retry = RetryFault(command_id=str(uuid4()), by=plant.by("admin"), fault=public_id, act=name, command=command)
    return await start.retry_fault(plant.client, retry, tries)


async def test_values_for_a_task_that_is_no_inspection_are_refused_and_the_next_signature_waits_for_nothing(
    plant: Plant,
) -> None:
    await plant.material("R-1", 100)
    await plant.make("B-KIND", "R-1", 10)
    task = plant.task("B-KIND", "review")
    values = (MeasuredValue(characteristic=1, sample_no=1, passed=True),)
    command = RecordResults(
        command_id="kind", task_id=UUID(str(task.public_id)), by=plant.by("zhou.shen"), values=values
    )
    for workflow_id in (plant.workflow_of(task), "lot/B-KIND"):
        with pytest.raises(Refusal, match="TASK-011"):
            await asyncio.wait_for(plant.door.record_results(plant.client, workflow_id, command), 15)
    await asyncio.wait_for(plant.release("B-KIND"), 60)
    assert plant.status("B-KIND") == "released"


async def test_a_bug_in_one_act_ends_as_a_fault_and_no_other_act_of_the_batch_waits(plant: Plant, owner: Any) -> None:
    await plant.material("R-BUG", 100)
    await plant.order("B-BUG", 50)
    consumes = ({"lot_no": "R-BUG", "quantity": 50},)
    first = plant.operation("B-BUG", 10, equipment=("M-07",), consumes=consumes)
    with broken(owner, "operation_run"):
        number = await refused_with_fault(plant.door.record_operation(plant.client, "B-BUG", first))
        # nothing was half-written, and another act on the same batch is done at once
        assert plant.scalar("select count(*) from stock_movement where kind = 'consume'") == plant.scalar(
            "select count(*) from genealogy_edge"
        )
        task = plant.scalar("select act || ' ' || subject || ' ' || status || ' ' || tries from act_fault where id = :id",
                            id=number)  # fmt: skip
        assert task == "record_operation B-BUG open 3"
        assert "a bug" in plant.scalar("select error from act_fault where id = :id", id=number)
        # sent again by the same person, it is the same fault
        assert await refused_with_fault(plant.door.record_operation(plant.client, "B-BUG", first)) == number
        # done again while it isn't mended, it stays open
        assert await refused_with_fault(again(plant, number)) == number
        assert plant.scalar("select tries from act_fault where id = :id", id=number) == 6
    await again(plant, number)
    assert plant.scalar("select status from act_fault where id = :id", id=number) == "done"
    assert (
        plant.scalar("select count(*) from operation_run o join lot l on l.id = o.lot_id where l.lot_no = 'B-BUG'") == 1
    )


async def test_while_an_act_is_tried_again_another_one_of_the_same_process_is_done(
    plant: Plant, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pause before its next try keeps neither the process nor the batch."""
    pausing, on = threading.Event(), threading.Event()

    def pause(trouble: fault.Trouble, tries: int) -> float | None:
        pausing.set()
        on.wait(60)
        return fault.pause(trouble, tries)

    monkeypatch.setattr(transaction, "pause", pause)
    await plant.receive("R-BESIDE", 10)
    await plant.measure("R-BESIDE")
    task = plant.task("R-BESIDE", "inspect")
    corrected = MeasuredValue(characteristic=2, sample_no=1, value=Decimal("12.01"), equipment_no="G-17", reason="读错")
    command = RecordResults(
        command_id="beside", task_id=UUID(str(task.public_id)), by=plant.by("lin.jian"), values=(corrected,)
    )
    with broken(owner, "inspection_result"):
        again = asyncio.create_task(plant.door.record_results(plant.client, plant.workflow_of(task), command))
        await until(pausing.is_set)
        try:
            await asyncio.wait_for(plant.complete("R-BESIDE", "inspect", "lin.jian", "accepted"), 30)
            assert not again.done()
        finally:
            on.set()
        with pytest.raises(Refusal):
            await again
    assert plant.status("R-BESIDE") == "released"


async def test_a_receipt_that_met_a_bug_is_done_again_and_its_batch_is_followed(plant: Plant, owner: Any) -> None:
    with broken(owner, "lot"):
        number = await refused_with_fault(plant.receive("R-FIRST", 10))
    await again(plant, number)
    await plant.measure("R-FIRST")
    await plant.complete("R-FIRST", "inspect", "lin.jian", "accepted")
    assert plant.status("R-FIRST") == "released"


SLOW = """
create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return new; end $$;
create trigger slow before insert on shipment for each row when (new.shipment_no = 'SH-SLOW') execute function slow()
"""


async def test_a_statement_that_runs_into_its_limit_is_a_fault_and_others_go_on(
    plant: Plant, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its limit is a little more than its workflow task waits for it."""
    monkeypatch.setattr(queues, "AT_ONCE", timedelta(seconds=2))
    await plant.material("R-TIME", 100)
    with owner.begin() as connection:
        connection.execute(text(SLOW))
    try:
        with limited(plant.engine, statement_timeout=3000):
            shipping = asyncio.create_task(plant.ship("SH-SLOW", "R-TIME", 4))
            await until(lambda: plant.scalar("select count(*) from pg_stat_activity where wait_event = 'PgSleep'") == 1)
            await asyncio.wait_for(plant.receive("R-OTHER", 5), 10)
            with pytest.raises(Refusal) as info:
                await shipping
            await until(lambda: plant.scalar("select trouble from act_fault where subject = 'SH-SLOW'") == "slow")
    finally:
        with owner.begin() as connection:
            connection.execute(text("drop trigger slow on shipment"))
    assert info.value.code in {"API-510", "API-202"}
    assert plant.scalar("select tries from act_fault where subject = 'SH-SLOW'") == 1
    assert plant.scalar("select count(*) from shipment where shipment_no = 'SH-SLOW'") == 0


async def test_a_fault_is_left_with_a_reason_only_and_once(plant: Plant, owner: Any) -> None:
    with broken(owner, "hold"):
        from models.hold.messages import PlaceHold

        await plant.receive("R-HOLD", 5)
        hold = PlaceHold(command_id="hold-bug", by=plant.by("wu.jingli"), lot_nos=("R-HOLD",), reason="投诉")
        number = await refused_with_fault(plant.door.place_hold(plant.client, hold))
    public_id = UUID(str(plant.scalar("select public_id from act_fault where id = :id", id=number)))
    by = plant.by("admin")
    admin = by.person_id
    from datetime import UTC, datetime

    with pytest.raises(Refusal, match="FLT-003"), act(plant.engine, SETUP) as session:
        faults.dismiss(session, public_id, admin, "  ", datetime.now(UTC))
    with act(plant.engine, Actor(by.actor_id, by.name, "test")) as session:
        faults.dismiss(session, public_id, admin, "已另行冻结", datetime.now(UTC))
    with pytest.raises(Refusal, match="FLT-002"), act(plant.engine, SETUP) as session:
        faults.take_up(session, public_id)
