"""The ways that are not straight: rework, reinspection, rejection, hold at release, in-process batches, termination.

REQUIREMENTS 2, 3, 5, 9, 39; each ends where the definition says, and the workflows end with it.
"""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from activities.delivery import Delivery
from models.hold.messages import DecideAgain
from models.item.tables import Item
from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from models.process.messages.process import Receipt
from tests.support.house.proves import proves
from tests.support.plant.plant import SETUP, Plant
from tests.support.servers.until import born, until_async


async def deliver(plant: Plant) -> None:
    """The dispatcher's turn."""
    while await Delivery(plant.engine, plant.client).deliver_once():
        pass


async def status(plant: Plant, workflow_id: str) -> WorkflowExecutionStatus | None:
    try:
        return (await plant.client.get_workflow_handle(workflow_id).describe()).status
    except RPCError:
        return None


async def ends(plant: Plant, workflow_id: str, result: str) -> None:
    answer = await plant.client.get_workflow_handle(workflow_id).result()
    assert answer["result"] == result


def facts(plant: Plant, lot: str, *named: str) -> list[str]:
    rows = plant.scalar(
        "select array_agg(f.fact order by f.id) from lot_fact f join lot l on l.id = f.lot_id where l.lot_no = :lot",
        lot=lot,
    )
    return [one for one in rows if not named or one in named]


async def produce(plant: Plant, lot: str, quantity: int = 50, **more: Any) -> Receipt:
    """Both operations again."""
    reading = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
    first = plant.operation(lot, 10, equipment=("M-07",), **more)
    await plant.door.record_operation(plant.client, lot, first)
    last = plant.operation(lot, 20, environment=reading, produced=quantity)
    done: Receipt = await plant.door.record_operation(plant.client, lot, last)
    return done


async def test_a_failed_material_is_rejected(plant: Plant) -> None:
    await plant.receive("L-REJ", 100)
    await plant.measure("L-REJ", value="12.50")
    await plant.complete("L-REJ", "inspect", "lin.jian", "failed")
    assert plant.scalar("select status from nonconformance where nonconformance_no = 'NC-L-REJ-1'") == "open"
    await plant.complete("L-REJ", "disposition", "chen.pi", "reject", reason="尺寸超差")
    assert plant.status("L-REJ") == "rejected"
    # rejecting the batch says nothing of the cause: the nonconformance waits for its own decision
    assert plant.scalar("select status from nonconformance where nonconformance_no = 'NC-L-REJ-1'") == "open"
    await deliver(plant)
    form = {"cause": "供方磨削余量不足", "owner": "wu.jingli"}
    await plant.complete("L-REJ", "decide", "chen.pi", "reject", reason="尺寸超差，退供方", form=form)
    assert plant.scalar("select disposition from nonconformance where nonconformance_no = 'NC-L-REJ-1'") == "reject"
    await ends(plant, "material-review/NC-L-REJ-1", "rejected")
    await ends(plant, "inspection/L-REJ/1", "rejected")
    await ends(plant, "lot/L-REJ", "rejected")
    assert plant.tasks("L-REJ") == []


@proves("case 2")
@proves("R30")
async def test_a_failed_inspection_is_repeated_and_both_stay_in_the_record(plant: Plant) -> None:
    await plant.receive("L-AGAIN", 100)
    await plant.measure("L-AGAIN", value="12.50")
    await plant.complete("L-AGAIN", "inspect", "lin.jian", "failed")
    # deciding opens no inspection by itself
    assert plant.scalar("select count(*) from inspection where inspection_no like 'IQC-L-AGAIN-%'") == 1
    await plant.complete("L-AGAIN", "disposition", "chen.pi", "reinspect", reason="卡尺零点偏移")
    await plant.measure("L-AGAIN", value="12.00")
    with pytest.raises(Refusal) as undecided:
        await plant.complete("L-AGAIN", "inspect", "lin.jian", "accepted")
    assert (undecided.value.code, plant.status("L-AGAIN")) == ("NCR-004", "received")
    await deliver(plant)
    form = {"cause": "卡尺零点偏移"}
    await plant.complete("L-AGAIN", "decide", "chen.pi", "unfounded", reason="复校后重测", form=form)
    await plant.complete("L-AGAIN", "inspect", "lin.jian", "accepted")
    verdicts = plant.scalar(
        "select array_agg(status order by revision) from inspection where inspection_no like 'IQC-L-AGAIN-%'"
    )
    assert (verdicts, plant.status("L-AGAIN")) == (["failed", "accepted"], "released")
    await ends(plant, "inspection/L-AGAIN/1", "accepted")


@proves("case 1")
@proves("N 45")
async def test_a_batch_is_reworked_and_released_by_its_second_release(plant: Plant) -> None:
    await plant.material("L-M", 1000)
    await plant.make("L-RW", "L-M", 50)
    await plant.complete("L-RW", "review", "zhou.shen", "rework", reason="毛刺")
    await plant.complete("L-RW", "disposition", "chen.pi", "rework", reason="毛刺，重新清洗")
    assert plant.status("L-RW") == "in_process"
    await ends(plant, "release/L-RW/1", "rework")
    await produce(plant, "L-RW", 48)
    await plant.measure("L-RW")
    await plant.complete("L-RW", "inspect", "lin.jian", "accepted")
    await plant.pack("L-RW", 48)
    await plant.complete("L-RW", "review", "zhou.shen", "release", reason="返工一次，复检合格")
    await plant.complete("L-RW", "approve", "chen.pi", "release", reason="返工一次，复检合格")
    assert plant.status("L-RW") == "released"
    await ends(plant, "release/L-RW/2", "released")
    runs = plant.scalar(
        "select array_agg(seq || '.' || run_no order by r.id) from operation_run r join lot l on l.id = r.lot_id"
        " where lot_no = 'L-RW'"
    )
    assert runs == ["10.1", "20.1", "10.2", "20.2"]
    left = plant.scalar("select sum(s.quantity) from stock s join lot l on l.id = s.lot_id where lot_no = 'L-RW'")
    assert left == 48


async def test_a_finished_batch_is_rejected_at_its_release(plant: Plant) -> None:
    await plant.make("L-NO", "L-M", 50)
    await plant.complete("L-NO", "review", "zhou.shen", "reject", reason="裂纹")
    await plant.complete("L-NO", "disposition", "chen.pi", "reject", reason="裂纹")
    assert plant.status("L-NO") == "rejected"
    await ends(plant, "lot/L-NO", "rejected")


async def test_a_release_that_ends_in_a_hold_goes_on_when_it_is_lifted(plant: Plant) -> None:
    await plant.make("L-HOLD", "L-M", 50)
    await plant.complete("L-HOLD", "review", "zhou.shen", "hold", reason="等待环境数据")
    await ends(plant, "release/L-HOLD/1", "held")
    assert plant.tasks("L-HOLD") == []
    hold = plant.scalar(
        "select h.public_id from hold h join lot l on l.id = h.lot_id where lot_no = 'L-HOLD' and lifted_at is null"
    )
    with pytest.raises(Refusal, match="HLD-007"):
        plant.lifting(hold, reason="数据已补")
    again = DecideAgain(command_id=str(uuid4()), by=plant.by("wu.jingli"), lot_no="L-HOLD", reason="数据已补")
    await plant.door.decide_again(plant.client, again)
    assert [one.stage for one in plant.tasks("L-HOLD")] == ["review"]
    # the batch's workflow learns of it through the outbox and starts the second release
    await deliver(plant)
    await plant.complete("L-HOLD", "review", "zhou.shen", "release", reason="数据已补")
    assert plant.scalar("select count(*) from hold where public_id = :hold and lifted_at is null", hold=hold) == 1
    await plant.complete("L-HOLD", "approve", "chen.pi", "release", reason="数据已补")
    assert plant.status("L-HOLD") == "released"
    await ends(plant, "release/L-HOLD/2", "released")


async def test_an_in_process_batch_is_released_without_packing(plant: Plant) -> None:
    with act(plant.engine, SETUP) as session:
        session.add(Item(item_no="STEM-RAW", name="柄坯", kind="in_process"))
    from models.order.messages.order import CreateWorkOrder
    from models.order.messages.routing import BillLine
    from tests.support.plant.plant import STEPS

    order = CreateWorkOrder(
        command_id=str(uuid4()),
        by=plant.by("zhao.liu"),
        work_order_no="WO-L-SEMI",
        lot_no="L-SEMI",
        item_no="STEM-RAW",
        quantity=Decimal(50),
        location="LINE-2",
        steps=STEPS,
        document="SOP-STEM",
        document_version="1",
        bill=(BillLine(item_no="PEEK-20", quantity=Decimal(1)),),
    )
    await plant.door.create_work_order(plant.client, order)
    await produce(plant, "L-SEMI", 50, consumes=({"lot_no": "L-M", "quantity": 50},))
    await plant.measure("L-SEMI")
    await plant.complete("L-SEMI", "inspect", "lin.jian", "accepted")
    assert [one.stage for one in plant.tasks("L-SEMI")] == ["review"]
    await plant.release("L-SEMI")
    assert plant.status("L-SEMI") == "released"
    assert "batch-lifecycle.packaging" not in facts(plant, "L-SEMI")


async def test_a_used_up_material_ends_its_workflow_through_the_outbox(plant: Plant) -> None:
    await plant.material("L-USED", 50)
    await plant.make("L-EATER", "L-USED", 50)
    assert plant.status("L-USED") == "closed"
    assert await status(plant, "lot/L-USED") == WorkflowExecutionStatus.RUNNING
    await deliver(plant)
    await ends(plant, "lot/L-USED", "closed")
    waiting = plant.scalar("select count(*) from outbox where delivered_at is null")
    assert waiting == 0


async def test_material_that_is_used_up_before_it_is_put_away(plant: Plant) -> None:
    await plant.receive("L-FAST", 50)
    await plant.measure("L-FAST")
    await plant.complete("L-FAST", "inspect", "lin.jian", "accepted")
    await plant.ship("SH-L-FAST", "L-FAST", 50)
    await plant.complete("L-FAST", "putaway", "li.cang", signed=False, form={"location": "RM-A1"})
    assert plant.status("L-FAST") == "closed"
    await ends(plant, "lot/L-FAST", "closed")


async def test_a_material_held_while_it_is_inspected(plant: Plant) -> None:
    from models.hold.messages import PlaceHold

    await plant.receive("L-HELD", 50)
    await plant.measure("L-HELD")
    hold = PlaceHold(command_id=str(uuid4()), by=plant.by("wu.jingli"), lot_nos=("L-HELD",), reason="供方通报")
    placed = await plant.door.place_hold(plant.client, hold)
    with pytest.raises(Refusal, match="LOT-003") as info:
        await plant.complete("L-HELD", "inspect", "lin.jian", "accepted")
    assert "供方通报" in info.value.zh
    lift = plant.lifting(placed.data["holds"][0], reason="不涉及")
    await plant.door.lift_hold(plant.client, lift)
    await plant.complete("L-HELD", "inspect", "lin.jian", "accepted")
    assert plant.status("L-HELD") == "released"


# Stopped from outside ----------------------------------------------------------------------------------------------


async def test_a_terminated_release_is_taken_up_again(plant: Plant) -> None:
    await plant.make("L-KILL", "L-M", 50)
    handle = plant.client.get_workflow_handle("release/L-KILL/1")
    await born(plant.client, handle.id)
    first = (await handle.describe()).run_id
    await handle.terminate("by hand")

    async def again() -> bool:
        now = await handle.describe()
        return now.run_id != first and now.status is WorkflowExecutionStatus.RUNNING

    await until_async(again)
    await plant.release("L-KILL")
    assert plant.status("L-KILL") == "released"
