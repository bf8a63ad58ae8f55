"""Accept 80, reject 20: proposed, decided and signed; the evidence goes with both parts (REQUIREMENTS 6)."""

import json
from decimal import Decimal
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.kernel.store.act import act as act_as
from models.kernel.store.act import now, reading
from models.lot.store import lots
from models.process.acts import complete as completing
from models.process.context import Ctx
from models.process.store import runs
from models.production.messages import RecordOperation
from models.release.rules.batch_record import BatchRecord
from models.release.store import batch_record
from models.shipment.messages import Ship, ShipLine
from models.trace.rules.trace import Direction
from models.trace.store.trace import trace_identifier
from tests.support.house.proves import proves
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.reshaping import in_stock, merging, new, proposing, repacking, reshape, splitting
from tests.support.plant.serials import registering
from tests.support.record import refused


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stocked(desk: Plant) -> Plant:
    """R-1 is material; B-1 waits for its release."""
    await desk.material("R-1", 5000)
    await desk.make("B-1", "R-1", 100)
    return desk


def record(plant: Plant, lot: str) -> BatchRecord:
    with reading(plant.engine) as session:
        return batch_record.build(session, lots.get(session, lot))


@proves("R6")
async def test_accept_80_and_reject_20_of_one_batch(stocked: Plant) -> None:
    done = await reshape(stocked, proposing(stocked, "B-1", new("B-1-NG", 20)))
    assert (in_stock(stocked, "B-1"), done.data["rejected"]) == (Decimal(100), "20")
    task = stocked.task("B-1", "disposition")
    assert str(task.public_id) == done.data["task"]
    with reading(stocked.engine) as session:
        run = runs.load(session, task.run_id)
        shown = json.loads(
            completing.shown_record(
                Ctx(session, run, runs.NOBODY, now(session), stage=run.definition.stage("disposition"))
            )
        )
    assert (shown["kept"], shown["rejected"], shown["rejected_lot_no"], shown["reason"]) == (
        "80",
        "20",
        "B-1-NG",
        "外观划伤",
    )
    signed = await stocked.complete("B-1", "disposition", "chen.pi", "reject_part", reason="划伤超标")
    assert signed.data["rejected_lot_no"] == "B-1-NG"
    assert [in_stock(stocked, lot) for lot in ("B-1", "B-1-NG")] == [Decimal(80), Decimal(20)]
    assert [stocked.status(lot) for lot in ("B-1", "B-1-NG")] == ["packed", "rejected"]
    subject = "select subject from signature s join lot l on l.id = s.lot_id where l.lot_no = 'B-1' order by s.id desc"
    assert stocked.scalar(subject) == "disposition"
    # the evidence is with both, and the rest is released as ever
    kept, rejected = record(stocked, "B-1"), record(stocked, "B-1-NG")
    for part in ("operations", "labels", "parents", "planned"):
        assert getattr(kept, part) == getattr(rejected, part) != ()
    assert [(one.inspection_no, one.inherited_from) for one in rejected.inspections] == [("FQC-B-1-1", "B-1")]
    assert [(one.inspection_no, one.inherited_from) for one in kept.inspections] == [("FQC-B-1-1", None)]
    assert [one.results for one in kept.inspections] == [one.results for one in rejected.inspections] != [()]
    assert (kept.balance.difference, rejected.balance.difference) == (Decimal(0), Decimal(0))
    await stocked.release("B-1")
    with refused(stocked.engine, "LOT-002"):
        await stocked.ship("S-NG", "B-1-NG", 1)
    with reading(stocked.engine) as session:
        found = trace_identifier(session, "B-1-NG", Direction.BOTH)
    assert (found.complete, found.balanced, found.findings) == (True, True, ())


async def test_a_proposal_that_is_not_followed_changes_nothing(stocked: Plant) -> None:
    await stocked.make("B-2", "R-1", 10)
    await reshape(stocked, proposing(stocked, "B-2", new("B-2-NG", 3)))
    with refused(stocked.engine, "RSH-017"):
        await reshape(stocked, proposing(stocked, "B-2", new("B-2-NG2", 3)))
    await stocked.complete("B-2", "disposition", "chen.pi", "keep", reason="复检合格")
    assert (in_stock(stocked, "B-2"), stocked.status("B-2")) == (Decimal(10), "packed")
    assert stocked.scalar("select count(*) from lot where lot_no = 'B-2-NG'") == 0
    await reshape(stocked, proposing(stocked, "B-2", new("B-2-NG2", 3)))


async def test_what_is_proposed_does_not_leave_and_what_was_shown_is_signed(stocked: Plant) -> None:
    """The rest left meanwhile: that is another record, and all that is left may be rejected."""
    await stocked.make("B-3", "R-1", 10)
    await stocked.release("B-3")
    await reshape(stocked, proposing(stocked, "B-3", new("B-3-NG", 6)))
    task = stocked.task("B-3", "disposition")
    command = stocked.completion(task, stocked.by("chen.pi"), "reject_part", reason="划伤")
    with refused(stocked.engine, "RSH-018", en="only 4 pcs may leave"):
        await stocked.ship("S-3", "B-3", 5)
    await stocked.ship("S-3", "B-3", 4)
    with refused(stocked.engine, "SIG-004"):
        do(stocked.engine, "complete_task", command)
    await stocked.complete("B-3", "disposition", "chen.pi", "reject_part", reason="划伤")
    assert [in_stock(stocked, lot) for lot in ("B-3", "B-3-NG")] == [Decimal(0), Decimal(6)]
    depleted = (
        "select count(*) from outbox o join lot l on l.id = o.lot_id where o.fact = 'lot.depleted' and l.lot_no = 'B-3'"
    )
    assert stocked.scalar(depleted) == 1


async def test_who_made_or_inspected_it_does_not_decide(stocked: Plant) -> None:
    await stocked.make("B-4", "R-1", 10)
    await reshape(stocked, splitting(stocked, "B-4", new("B-4-A", 5)))
    await reshape(stocked, proposing(stocked, "B-4-A", new("B-4-NG", 1)))
    task = stocked.task("B-4-A", "disposition")
    for login, code in (("lin.jian", "TASK-005"), ("wang.cao", "TASK-005"), ("li.cang", "TASK-005")):
        command = stocked.completion(task, stocked.by(login), "reject_part", reason="划伤")
        with refused(stocked.engine, code):
            do(stocked.engine, "complete_task", command)
    without = stocked.completion(task, stocked.by("chen.pi"), "reject_part")
    with refused(stocked.engine, "PRC-003"):
        do(stocked.engine, "complete_task", without)


async def test_what_cannot_be_proposed(stocked: Plant) -> None:
    await stocked.make("B-5", "R-1", 10)
    for code, part, reason in (
        ("RSH-016", new("X", 10), "划伤"),
        ("STK-001", new("X", 11), "划伤"),
        ("STK-001", new("X", 1, location="RM-A1"), "划伤"),
        ("LOT-006", new("B-1", 1), "划伤"),
        ("RSH-014", new("X", 1), " "),
    ):
        with refused(stocked.engine, code):
            await reshape(stocked, proposing(stocked, "B-5", part, reason))
    with refused(stocked.engine, "RSH-001"):
        await reshape(stocked, proposing(stocked, "B-1-NG", new("X", 1)))


async def test_a_part_is_reworked_on_its_own_and_yields_no_more_than_went_in(stocked: Plant) -> None:
    await stocked.make("B-6", "R-1", 50)
    await reshape(stocked, splitting(stocked, "B-6", new("B-6-A", 20)))
    await stocked.complete("B-6-A", "review", "zhou.shen", "rework", reason="毛刺")
    await stocked.complete("B-6-A", "disposition", "chen.pi", "rework", reason="毛刺")
    assert stocked.status("B-6-A") == "in_process"
    order = {"work_order_no": "RW-B-6-A"}
    machining = stocked.operation("B-6-A", 10, equipment=("M-07",)).model_copy(update=order)
    do(stocked.engine, "record_operation", machining)
    air = ({"quantity": "humidity", "value": 45, "unit": "%"},)

    def finish(produced: int) -> RecordOperation:
        return stocked.operation("B-6-A", 20, environment=air, produced=produced).model_copy(update=order)

    with refused(stocked.engine, "OPR-011"):
        do(stocked.engine, "record_operation", finish(21))
    do(stocked.engine, "record_operation", finish(18))
    assert in_stock(stocked, "B-6-A") == 18
    await stocked.measure("B-6-A")
    await stocked.complete("B-6-A", "inspect", "lin.jian", "accepted")
    await stocked.pack("B-6-A", 18)
    with reading(stocked.engine) as session:
        found = trace_identifier(session, "B-6-A", Direction.BOTH)
    assert (found.complete, found.balanced, found.findings) == (True, True, ())
    assert record(stocked, "B-6-A").balance.scrapped == 2
    await stocked.complete("B-6-A", "review", "zhou.shen", "release", reason="返工一次")
    await stocked.complete("B-6-A", "approve", "chen.pi", "release", reason="返工一次")


async def test_a_rework_after_samples_makes_nothing_out_of_nothing(stocked: Plant) -> None:
    """The order asked for 50, two were kept as samples: 48 went into the rework."""
    await stocked.order("B-7", 50)
    consumes = ({"lot_no": "R-1", "quantity": 50},)
    do(stocked.engine, "record_operation", stocked.operation("B-7", 10, equipment=("M-07",), consumes=consumes))
    air = ({"quantity": "humidity", "value": 45, "unit": "%"},)
    do(stocked.engine, "record_operation", stocked.operation("B-7", 20, environment=air, produced=50))
    await stocked.measure("B-7")
    await stocked.complete("B-7", "inspect", "lin.jian", "accepted")
    await stocked.pack("B-7", 48, samples_kept="2")
    await stocked.complete("B-7", "review", "zhou.shen", "rework", reason="毛刺")
    await stocked.complete("B-7", "disposition", "chen.pi", "rework", reason="毛刺")
    do(stocked.engine, "record_operation", stocked.operation("B-7", 10, equipment=("M-07",)))
    with refused(stocked.engine, "OPR-030"):
        do(stocked.engine, "record_operation", stocked.operation("B-7", 20, environment=air, produced=50))
    do(stocked.engine, "record_operation", stocked.operation("B-7", 20, environment=air, produced=48))


async def test_what_is_proposed_to_be_rejected_stays_until_that_is_decided(stocked: Plant) -> None:
    """At every door by which goods leave a batch; the rest of it may go (ISO 13485 8.3.1)."""
    await stocked.material("R-P", 100)
    await reshape(stocked, proposing(stocked, "R-P", new("R-P-NG", 30)))
    await stocked.order("H-P", 80)

    def consume(quantity: int) -> None:
        used = ({"lot_no": "R-P", "quantity": quantity},)
        do(stocked.engine, "record_operation", stocked.operation("H-P", 10, equipment=("M-07",), consumes=used))

    with refused(stocked.engine, "RSH-018", zh="30 pcs 已提议不合格", en="only 70 pcs may leave"):
        consume(80)
    for act in (
        splitting(stocked, "R-P", new("R-P-1", 71)),
        splitting(stocked, "R-P", new("R-P-1", 40), new("R-P-2", 31)),
        merging(stocked, "R-P-M", "R-P", "R-1"),
        repacking(stocked, "R-P", 80, "R-P-B", 8),
    ):
        with refused(stocked.engine, "RSH-018"):
            await reshape(stocked, act)
    consume(60)
    await reshape(stocked, splitting(stocked, "R-P", new("R-P-1", 10)))
    by_hand = (
        "insert into stock_movement (lot_id, kind, from_location_id, quantity, operation_run_id)"
        " select l.id, 'consume', s.location_id, 1, (select max(id) from operation_run)"
        " from lot l join stock s on s.lot_id = l.id where l.lot_no = 'R-P' and s.quantity > 0"
    )
    with act_as(stocked.engine, SETUP) as session, pytest.raises(DBAPIError) as info:
        session.connection().execute(text(by_hand))
    assert getattr(info.value.orig, "sqlstate", None) == "BW333"
    await stocked.complete("R-P", "disposition", "chen.pi", "reject_part", reason="划伤超标")
    assert [in_stock(stocked, lot) for lot in ("R-P", "R-P-NG", "R-P-1")] == [Decimal(0), Decimal(30), Decimal(10)]


def ship(plant: Plant, number: str, *serials: str) -> None:
    line = ShipLine(lot_no="B-S", quantity=Decimal(len(serials)), serials=serials)
    command = Ship(
        command_id=str(uuid4()), by=plant.by("li.cang"), shipment_no=number, customer_no="C-1", lines=(line,)
    )
    do(plant.engine, "ship", command)


async def test_a_piece_that_is_proposed_to_be_rejected_does_not_ship_and_the_others_do(stocked: Plant) -> None:
    await stocked.make("B-S", "R-1", 3)
    await stocked.release("B-S")
    do(stocked.engine, "stock", registering(stocked, "B-S", "P-1", "P-2", "P-3"))
    await reshape(stocked, proposing(stocked, "B-S", new("B-S-NG", 1, "P-2")))
    with refused(stocked.engine, "RSH-019", zh="p–2"):
        ship(stocked, "SH-P-1", "p–2")
    with refused(stocked.engine, "RSH-019", zh="P-2"):
        ship(stocked, "SH-P-2", "P-1", "P-2", "P-3")
    ship(stocked, "SH-P-3", "P-1", "P-3")
    await stocked.complete("B-S", "disposition", "chen.pi", "keep", reason="返检合格")
    ship(stocked, "SH-P-4", "P-2")
