"""Splitting, merging and repacking on the real server: the new batches live, refusals change nothing, histories replay."""

from decimal import Decimal

import pytest_asyncio

from models.kernel.store.act import reading
from models.process.messages.process import Receipt
from models.trace.rules.trace import Direction
from models.trace.store.trace import trace_identifier
from tests.support.often import often
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import in_stock, merging, new, proposing, repacking, reshape, splitting
from tests.support.record import refused
from tests.support.servers.until import until
from workflows.temporal.start import ensure_outbox

PARTS = often(15, 50)
"""Each of them gets a workflow."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def works(plant: Plant) -> Plant:
    """R-1 is material; H-1 is released, H-2 packed."""
    await ensure_outbox(plant.client)
    await plant.material("R-1", 1000)
    for lot in ("H-1", "H-2"):
        await plant.make(lot, "R-1", 100)
    await plant.release("H-1")
    return plant


async def running(plant: Plant, workflow_id: str) -> str:
    status = (await plant.client.get_workflow_handle(workflow_id).describe()).status
    return status.name if status else ""


async def test_the_parts_of_a_released_batch_live_and_end(works: Plant) -> None:
    command = splitting(works, "H-1", new("H-1-A", 60), new("H-1-B", 40))
    done = await reshape(works, command)
    assert await reshape(works, command) == done
    assert [in_stock(works, lot) for lot in ("H-1", "H-1-A", "H-1-B")] == [0, 60, 40]
    assert [await running(works, f"lot/{lot}") for lot in ("H-1-A", "H-1-B")] == ["RUNNING", "RUNNING"]
    # the whole is used up, and its workflow learns of it
    await until(lambda: works.status("H-1") == "closed")
    await works.client.get_workflow_handle("lot/H-1").result()
    await works.ship("SH-A", "H-1-A", 60)
    await works.client.get_workflow_handle("lot/H-1-A").result()
    assert works.status("H-1-A") == "closed"


async def test_a_part_of_an_unreleased_batch_is_released_on_its_own(works: Plant) -> None:
    await reshape(works, splitting(works, "H-2", new("H-2-A", 30)))
    # the subprocess that the record has begun is begun by the new batch's workflow
    await works.release("H-2-A")
    assert works.status("H-2-A") == "released"
    await works.release("H-2")
    assert (works.status("H-2"), in_stock(works, "H-2")) == ("released", Decimal(70))


async def test_merged_and_packed_anew(works: Plant) -> None:
    await reshape(works, merging(works, "H-M", "H-2", "H-2-A"))
    await reshape(works, repacking(works, "H-M", 80, "H-BOX", 4))
    assert (in_stock(works, "H-M"), in_stock(works, "H-BOX")) == (Decimal(20), Decimal(4))
    with reading(works.engine) as session:
        found = trace_identifier(session, "H-BOX", Direction.BOTH)
    assert (found.complete, found.balanced, found.findings) == (True, True, ())
    assert {node.lot_no for node in found.nodes} == {"H-BOX", "H-M", "H-2", "H-2-A", "R-1"}


async def test_what_is_refused_leaves_the_record_as_it_was(works: Plant) -> None:
    await until(lambda: works.scalar("select count(*) from outbox where delivered_at is null") == 0, "all is delivered")
    for code, status, command in (
        ("STK-001", 409, splitting(works, "R-1", new("X", 100_000))),
        ("LOT-006", 409, splitting(works, "R-1", new("H-1", 1))),
        ("RSH-005", 409, merging(works, "X", "R-1", "H-M")),
        ("RSH-006", 422, repacking(works, "H-M", 20, "X", 3)),
        ("LOT-001", 404, splitting(works, "没有这个批次", new("X", 1))),
    ):
        with refused(works.engine, code, status):
            await reshape(works, command)


async def test_a_split_is_done_in_one_transaction(works: Plant) -> None:
    done: Receipt = await reshape(works, splitting(works, "R-1", *(new(f"R-1-{n}", 1) for n in range(PARTS))))
    assert len(done.data["into"]) == PARTS
    transactions = works.scalar(
        "select count(distinct e.transaction) from audit_event e join lot l on l.id = e.lot_id"
        " where l.lot_no like 'R-1-%' and e.operation = 'insert'"
    )
    assert transactions == 1
    assert await running(works, f"lot/R-1-{PARTS - 1}") == "RUNNING"


async def test_a_part_is_rejected_by_a_signed_decision(works: Plant) -> None:
    await works.make("H-3", "R-1", 100)
    await reshape(works, proposing(works, "H-3", new("H-3-NG", 20)))
    assert await running(works, "disposition/H-3/1") == "RUNNING"
    await works.complete("H-3", "disposition", "chen.pi", "reject_part", reason="划伤")
    result = await works.client.get_workflow_handle("disposition/H-3/1").result()
    assert result["result"] == "part_rejected"
    assert [works.status(lot) for lot in ("H-3", "H-3-NG")] == ["packed", "rejected"]
    # the rest is reviewed as it is now
    await works.release("H-3")
    assert (in_stock(works, "H-3"), works.status("H-3")) == (Decimal(80), "released")
