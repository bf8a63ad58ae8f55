"""Two people at the same instant: one effect, and the other reads a sentence.  Stock is never negative.

Issue "the main job", must show 7.  Fifty of each straight at PostgreSQL in threads, a handful through the workflows.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from models.order.messages.routing import PlannedStep
from models.person.rules.roles import Role
from models.process.messages.process import CompleteTask, Receipt
from models.production.messages import Consumed
from models.receipt.messages import ReceiveLot
from models.shipment.messages import Ship, ShipLine
from runtime.postgres import Postgres
from tests.support.house.proves import proves
from tests.support.often import often
from tests.support.plant import people
from tests.support.plant.direct import at_once, direct, do, meet
from tests.support.plant.plant import Plant
from tests.support.servers.database import TestDatabase, copy_template, drop
from tests.support.servers.together import orders, split

NUMBERS = count(1)


@pytest.fixture(scope="module")
def record_database(database_template: Postgres, furnished_template: str) -> Iterator[TestDatabase]:
    """Beside the one whose plant has workflows."""
    made = copy_template(database_template, furnished_template)
    yield made
    drop(database_template, made)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(record_database: TestDatabase) -> AsyncIterator[Plant]:
    """A plant without Temporal: R-1 is material, B-1 waits for its review."""
    made = direct(record_database.engine)
    people.colleague(made, "tang.shen", "唐审", Role.QA_REVIEWER)
    await made.material("R-1", 5000)
    await made.make("B-1", "R-1", 50)
    yield made


def shipping(plant: Plant, lot: str, quantity: int, number: str | None = None) -> Ship:
    return Ship(
        command_id=str(uuid4()),
        by=plant.by("li.cang"),
        shipment_no=number or f"RACE-{next(NUMBERS)}",
        customer_no="C-1",
        lines=(ShipLine(lot_no=lot, quantity=Decimal(quantity)),),
    )


# Straight at the record --------------------------------------------------------------------------------------------


@proves("L 24")
@pytest.mark.slow
async def test_two_people_decide_the_same_task_again_and_again(desk: Plant) -> None:
    """Review and approval of one batch, sent back again and again, each time by two people at once."""
    for turn in range(often(2, 25)):
        for stage, logins, outcome in (
            ("review", ("zhou.shen", "tang.shen"), "release"),
            # now and then it is one person who clicks twice
            ("approve", ("chen.pi", "wu.jingli" if turn % 5 else "chen.pi"), "review_again"),
        ):
            task = desk.task("B-1", stage)
            before = desk.scalar("select count(*) from signature where run_id = :run", run=task.run_id)
            commands = [desk.completion(task, desk.by(login), outcome, reason="再看一次") for login in logins]
            done, refused = at_once(desk, *(("complete_task", command) for command in commands))
            assert (len(done), [one.code for one in refused]) == (1, ["TASK-002"])
            assert refused[0].params["name"] == done[0].data["signed_by"]
            after = desk.scalar("select count(*) from signature where run_id = :run", run=task.run_id)
            assert after == before + 1
            assert [one.stage for one in desk.tasks("B-1")] == ["approve" if stage == "review" else "review"]


async def test_one_releases_while_the_other_rejects(desk: Plant) -> None:
    for number in range(often(2, 5)):
        lot = f"B-OR-{number}"
        await desk.make(lot, "R-1", 10)
        await desk.complete(lot, "review", "zhou.shen", "release")
        task = desk.task(lot, "approve")
        commands = [
            desk.completion(task, desk.by("chen.pi"), "release"),
            desk.completion(task, desk.by("wu.jingli"), "reject", reason="划痕"),
        ]
        done, refused = at_once(desk, *(("complete_task", command) for command in commands))
        assert [one.code for one in refused] == ["TASK-002"]
        assert desk.status(lot) == {"release": "released", "reject": "rejected"}[done[0].data["outcome"]]


@pytest.mark.slow
async def test_two_shipments_race_for_the_last_units_again_and_again(desk: Plant) -> None:
    for number in range(often(2, 50)):
        lot = f"R-LAST-{number}"
        await desk.material(lot, 3)
        done, refused = at_once(desk, *(("ship", shipping(desk, lot, 2)) for _ in range(2)))
        assert (len(done), [one.code for one in refused]) == (1, ["STK-001"])
        assert (in_stock(desk, lot), shipped(desk, lot)) == (1, 2)


async def test_the_winner_takes_all_and_closes_the_batch(desk: Plant) -> None:
    for number in range(often(2, 8)):
        await desk.material(f"R-ALL-{number}", 3)
        done, refused = at_once(desk, *(("ship", shipping(desk, f"R-ALL-{number}", 3)) for _ in range(2)))
        assert (len(done), [one.code for one in refused]) == (1, ["LOT-002"])
        assert (desk.status(f"R-ALL-{number}"), in_stock(desk, f"R-ALL-{number}")) == ("closed", 0)


async def test_shipments_of_two_lots_in_different_orders_do_not_block_each_other(desk: Plant) -> None:
    await desk.material("R-X", 100)
    await desk.material("R-Y", 100)
    for _ in range(often(2, 15)):
        commands = [
            shipping(desk, "R-X", 1).model_copy(
                update={"lines": tuple(ShipLine(lot_no=lot, quantity=Decimal(1)) for lot in order)}
            )
            for order in (("R-X", "R-Y"), ("R-Y", "R-X"))
        ]
        done, _ = at_once(desk, *(("ship", command) for command in commands))
        assert len(done) == 2
    assert (in_stock(desk, "R-X"), in_stock(desk, "R-Y")) == (100 - 2 * often(2, 15),) * 2


async def test_consumption_and_shipment_race_for_the_last_units(desk: Plant) -> None:
    steps = tuple(PlannedStep(seq=n, code=f"S{n}", title_zh="工序", title_en="Step") for n in range(1, 40))
    await desk.order("B-BOTH", 50, steps=steps)
    seq = 1
    for number, first in enumerate(orders(often(3, 15))):
        lot = f"R-BOTH-{number}"
        await desk.material(lot, 3)
        consumes = (Consumed(lot_no=lot, quantity=Decimal(2)),)
        operation = desk.operation("B-BOTH", seq, consumes=consumes)
        acts = (("record_operation", operation), ("ship", shipping(desk, lot, 2)))
        done, refused = meet(desk, lot, first, *acts)
        assert (len(done), [one.code for one in refused]) == (1, ["STK-001"])
        assert first is None or done[0].act == acts[first][0]
        assert in_stock(desk, lot) == 1
        seq += done[0].act == "record_operation"


@pytest.mark.slow
async def test_nothing_leaves_after_a_hold_again_and_again(desk: Plant) -> None:
    await desk.material("R-FREEZE", 1000)
    both = 0
    for first in orders(often(3, 20)):
        hold = PlaceHold(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_nos=("R-FREEZE",), reason="投诉")
        done, refused = meet(desk, "R-FREEZE", first, ("place_hold", hold), ("ship", shipping(desk, "R-FREEZE", 1)))
        placed = next(one for one in done if one.act == "place_hold")
        left = [["LOT-003"], []] if first is None else [[["LOT-003"], []][first]]
        assert [one.code for one in refused] in left
        both += len(done) == 2
        # what is done to a lot is written under its lock, so the keys of its trail are in the order of what happened
        last = desk.scalar(
            "select e.table_name from audit_event e join lot l on l.id = e.lot_id where l.lot_no = 'R-FREEZE'"
            " and e.table_name in ('hold', 'stock_movement') and e.operation = 'insert' order by e.id desc limit 1"
        )
        assert last == "hold"
        with pytest.raises(Refusal, match="LOT-003"):
            do(desk.engine, "ship", shipping(desk, "R-FREEZE", 1))
        lift = desk.lifting(UUID(placed.data["holds"][0]), reason="已查明")
        do(desk.engine, "lift_hold", lift)
    assert in_stock(desk, "R-FREEZE") == 1000 - both


async def test_two_people_receive_under_the_same_number(desk: Plant) -> None:
    for number in range(often(2, 10)):
        done, refused = at_once(desk, *(("receive_lot", receipt(desk, f"R-SAME-{number}")) for _ in range(2)))
        assert len(done) == 1
        assert refused[0].code in {"LOT-006", "API-409"}


def test_the_balance_was_never_negative_and_is_the_sum_of_its_movements(desk: Plant) -> None:
    """At the end of all the races above: every balance follows from the movements, one by one."""
    running = desk.scalar(
        "select min(balance) from (select sum(case when to_location_id is not null then quantity else -quantity end)"
        " over (partition by lot_id order by id) as balance from stock_movement where kind <> 'move') b"
    )
    assert running >= 0
    differing = desk.scalar(
        "select count(*) from (select lot_id, sum(quantity) as q from stock group by 1) s join (select lot_id,"
        " sum(case when to_location_id is not null then quantity else 0 end)"
        " - sum(case when from_location_id is not null then quantity else 0 end) as q"
        " from stock_movement group by 1) m using (lot_id) where s.q <> m.q"
    )
    assert differing == 0


def receipt(plant: Plant, lot: str, **more: Any) -> ReceiveLot:
    given: dict[str, Any] = {"item_no": "PEEK-20", "quantity": Decimal(5), "location": "RCV-01", "supplier_no": "S-1"}
    return ReceiveLot(command_id=str(uuid4()), by=plant.by("li.cang"), lot_no=lot, **{**given, **more})


def in_stock(plant: Plant, lot: str) -> int:
    return int(
        plant.scalar("select sum(s.quantity) from stock s join lot l on l.id = s.lot_id where lot_no = :lot", lot=lot)
    )


def shipped(plant: Plant, lot: str) -> int:
    return int(
        plant.scalar(
            "select sum(n.quantity) from shipment_line n join lot l on l.id = n.lot_id where l.lot_no = :lot", lot=lot
        )
    )


# Through the workflows ---------------------------------------------------------------------------------------------


async def all_at_once(*acts: Any) -> tuple[list[Receipt], list[Refusal]]:
    answers = await asyncio.gather(*acts, return_exceptions=True)
    done, refused = split([one for one in answers if isinstance(one, Receipt | Refusal)])
    assert len(done) + len(refused) == len(acts), answers
    return done, refused


def sending(plant: Plant, task: Any, command: CompleteTask) -> Any:
    return plant.door.complete_task(plant.client, plant.workflow_of(task), command)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(plant: Plant) -> Plant:
    people.colleague(plant, "tang.shen", "唐审", Role.QA_REVIEWER)
    await plant.material("RW-1", 1000)
    return plant


async def test_two_people_sign_through_the_workflow(made: Plant) -> None:
    for number in range(often(2, 5)):
        lot = f"BW-{number}"
        await made.make(lot, "RW-1", 10)
        task = made.task(lot, "review")
        commands = [made.completion(task, made.by(login), "release") for login in ("zhou.shen", "tang.shen")]
        done, refused = await all_at_once(*(sending(made, task, command) for command in commands))
        assert (len(done), [one.code for one in refused]) == (1, ["TASK-002"])
        assert refused[0].params["name"] == done[0].data["signed_by"]
        # the second signature ends the release, so the slower one may find it gone
        task = made.task(lot, "approve")
        commands = [made.completion(task, made.by(login), "release") for login in ("chen.pi", "wu.jingli")]
        done, refused = await all_at_once(*(sending(made, task, command) for command in commands))
        assert len(done) == 1
        assert refused[0].code in {"TASK-002", "PRC-410"}
        assert made.status(lot) == "released"
        signers = made.scalar("select count(*) from signature where run_id = :run", run=task.run_id)
        assert signers == 2


async def test_a_command_sent_twice_has_one_effect_and_one_answer(made: Plant) -> None:
    await made.make("BW-TWICE", "RW-1", 10)
    task = made.task("BW-TWICE", "review")
    command = made.completion(task, made.by("zhou.shen"), "release")
    done, _ = await all_at_once(*(sending(made, task, command) for _ in range(3)))
    assert done[0] == done[1] == done[2] == await sending(made, task, command)
    task = made.task("BW-TWICE", "approve")
    command = made.completion(task, made.by("chen.pi"), "release")
    first = await sending(made, task, command)
    # the process has ended by now; its last answer is still its answer
    assert await sending(made, task, command) == first


async def test_a_shipment_sent_twice_is_booked_once(made: Plant) -> None:
    command = shipping(made, "RW-1", 1, "SH-W-1")
    done, _ = await all_at_once(*(made.door.ship(made.client, command) for _ in range(3)))
    assert done[0] == done[1] == done[2] == await made.door.ship(made.client, command)
    assert shipped(made, "RW-1") == 1


async def test_two_shipments_under_the_same_number_are_not_mistaken_for_each_other(made: Plant) -> None:
    for number in range(often(2, 5)):
        commands = [shipping(made, "RW-1", quantity, f"SH-SAME-{number}") for quantity in (1, 2)]
        done, refused = await all_at_once(*(made.door.ship(made.client, command) for command in commands))
        assert (len(done), [one.code for one in refused]) == (1, ["SHP-003"])
        booked = made.scalar(
            "select sum(n.quantity) from shipment s join shipment_line n on n.shipment_id = s.id where shipment_no = :no",
            no=f"SH-SAME-{number}",
        )
        assert Decimal(done[0].data["lines"]["RW-1"]) == booked


async def test_a_refused_receipt_does_not_end_the_batch_that_a_better_one_begins(made: Plant) -> None:
    """Both arrive at one workflow; it may not end for the sake of the first."""
    for number in range(often(2, 5)):
        lot = f"RW-BORN-{number}"
        wrong, right = receipt(made, lot, item_no="NO-SUCH"), receipt(made, lot)
        done, refused = await all_at_once(*(made.door.receive_lot(made.client, command) for command in (wrong, right)))
        assert (len(done), [one.code for one in refused]) == (1, ["ITM-001"])
        await made.measure(lot)
        await made.complete(lot, "inspect", "lin.jian", "accepted")
        await made.complete(lot, "putaway", "li.cang", signed=False, form={"location": "RM-A1"})
        assert made.status(lot) == "released"


async def test_a_task_and_a_shipment_of_the_same_batch_do_not_block_each_other(made: Plant) -> None:
    for number in range(often(2, 5)):
        lot = f"RW-AWAY-{number}"
        await made.receive(lot, 10)
        await made.measure(lot)
        await made.complete(lot, "inspect", "lin.jian", "accepted")
        task = made.task(lot, "putaway")
        putaway = made.completion(task, made.by("li.cang"), signed=False, form={"location": "RM-A1"})
        done, _ = await all_at_once(sending(made, task, putaway), made.door.ship(made.client, shipping(made, lot, 10)))
        assert len(done) == 2
        assert made.status(lot) == "closed"
