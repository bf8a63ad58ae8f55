"""A recall and a drill on the real server: scope, two signatures, hold-all, notices, answers, closing, expansion."""

from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus

from activities.delivery import Delivery
from models.hold.messages import DecideAgain
from models.kernel.refusal import Refusal
from tests.support import stock
from tests.support.house.proves import proves
from tests.support.plant.correcting import correcting, used
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import APPROVAL, Recalling, move
from tests.support.plant.reshaping import new, reshape, splitting
from tests.support.record import refused

HELD = "select count(*) from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot and h.lifted_at is null"
OF = " join recall r on r.id = x.recall_id where r.recall_no = :recall"
numbers = count(1)


@dataclass
class Case:
    """A batch of 50, of which the hospital got 30; workflows follow its recall, not its own life."""

    plant: Plant
    n: int
    lot: str

    @property
    def material(self) -> str:
        return f"R-{self.n}"

    def recall(self, mode: str = "recall", more: int = 0) -> Recalling:
        return Recalling(self.plant, f"{'RD' if mode == 'drill' else 'RC'}-2026-{self.n:03d}{more or ''}", mode)

    def count(self, table: str, recall: Recalling, more: str = "") -> Any:
        return self.plant.scalar(f"select count(*) from {table} x{OF} {more}", recall=recall.number)  # noqa: S608 - our words


@pytest.fixture
async def case(stocked_plant: Plant) -> Case:
    """One made from a material of its own."""
    n = next(numbers)
    it, desk = Case(stocked_plant, n, f"H-{n}"), stock.at_record(stocked_plant)
    await desk.material(it.material, 100)
    await desk.make(it.lot, it.material, 50)
    await desk.release(it.lot)
    await desk.ship(f"SH-{n}", it.lot, 30)
    stock.handed_on(desk.engine)
    return it


@pytest.fixture
async def ready(stocked_plant: Plant) -> Case:
    """One that stood ready, for recalls that begin with the batch."""
    it = Case(stocked_plant, next(numbers), await stock.shipped(stocked_plant, 30))
    stock.handed_on(stocked_plant.engine)
    return it


@proves("R53", "R75")
async def test_a_recall_from_a_suppliers_lot_to_its_closing(case: Case) -> None:
    plant, recall = case.plant, case.recall()
    opened = await recall.open(f"P88-{case.material}")
    assert (opened.data["lots"], opened.data["customers"]) == (2, 1)
    await recall.freeze()
    held = await recall.do("hold_all", "sun.zhao")
    assert (held.data["newly_held"], held.data["gone"]) == (2, 1)
    assert [plant.scalar(HELD, lot=lot) for lot in (case.material, case.lot)] == [1, 1]
    with refused(plant.engine, "LOT-003"):
        await plant.ship("SH-never", case.lot, 1)
    await recall.do("notify", "sun.zhao")
    (notice,) = recall.notices()
    assert notice.lines == [{"lot_no": case.lot, "quantity": "30"}]
    assert (int(notice.shipped), notice.status) == (30, "open")
    told = "select count(*) from outbox where fact = 'recall.notice' and payload ->> 'notice' = :notice"
    assert plant.scalar(told, notice=str(notice.public_id)) == 1
    met = "and x.rule_key = 'cn.recall.notify.2' and x.met_at is not null"
    assert case.count("recall_deadline", recall, met) == 0, "decided is not told"
    recall.post()
    assert recall.notices()[0].status == "sent"
    assert case.count("recall_deadline", recall, met) == 1
    await recall.acknowledge(notice, 30)
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.refuse("RCL-007", "close", "wu.jingli", "close", signed=True)
    await recall.decide()
    await recall.do("close", "wu.jingli", "close", signed=True, reason="余量已约定退回")
    assert plant.scalar("select status from recall where recall_no = :no", no=recall.number) == "closed"
    handle = plant.client.get_workflow_handle(f"recall/{recall.number}")
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING, "its reports are due still"
    for report in ("plan", "summary"):
        await recall.file(report)
    while await Delivery(plant.engine, plant.client).deliver_once():
        pass
    assert (await handle.result())["result"] == "closed"
    assert case.count("recall_deadline", recall, "and x.rule_key = 'cn.recall.notify.2' and x.met_at < x.due_at") == 1
    assert case.count("recall_deadline", recall, "and x.rule_key like 'cn.recall.notify%'") == 1


async def test_one_person_cannot_freeze_and_approve(ready: Case) -> None:
    recall = ready.recall()
    await recall.open(ready.lot)
    await recall.do("review_scope", "sun.zhao", "freeze", signed=True)
    await recall.refuse("TASK-005", "approve_scope", "sun.zhao", "approve", signed=True, form=APPROVAL)
    await recall.refuse("RCL-005", "approve_scope", "wu.jingli", "approve", signed=True)


@proves("R80", "C 71")
async def test_a_drill_takes_the_same_steps_and_touches_nothing(ready: Case) -> None:
    plant, drill = ready.plant, ready.recall("drill")
    before = plant.scalar("select max(id) from audit_event")
    outbox = plant.scalar("select count(*) from outbox")
    await drill.open(ready.lot)
    await drill.to_customers()
    (notice,) = drill.notices()
    await drill.acknowledge(notice, 30)
    await drill.do("follow_up", "sun.zhao", "done")
    await drill.decide()
    await drill.do("close", "wu.jingli", "close", signed=True, reason="演练")
    touched = plant.scalar(
        "select string_agg(distinct table_name, ',' order by table_name) from audit_event where id > :id", id=before
    )
    assert (
        touched
        == "fact,human_task,process_run,recall,recall_lot_decision,recall_market,recall_notice,recall_scope,signature,subject"
    )
    assert plant.scalar("select count(*) from outbox") == outbox
    assert ready.count("hold", drill) == 0
    score: Any = plant.scalar("select score from recall where recall_no = :no", no=drill.number)
    assert (score["points"], score["complete"], score["balanced"], score["answered"]) == (100, True, True, 1)
    assert 0 < score["seconds_to_scope"] <= score["seconds_to_hold"]


@proves("R76", "T 65")
async def test_an_expanded_scope_is_a_new_version_with_its_difference(ready: Case) -> None:
    recall, other = ready.recall(), f"H-{ready.n}-B"
    move(ready.plant, "C-1", "US")
    await ready.plant.make(other, stock.MATERIAL, 50)
    await recall.open(ready.lot)
    await recall.to_customers()
    await recall.refuse("RCL-006", "follow_up", "sun.zhao", "expand", reason="同一材料")
    done = await recall.do("follow_up", "sun.zhao", "expand", reason="同一材料", form={"identifiers": other})
    assert done.data["difference"]["lots_added"] == [other]
    await recall.freeze()
    held = await recall.do("hold_all", "sun.zhao")
    assert held.data["newly_held"] == 1
    assert (await recall.do("notify", "sun.zhao")).data["notices"] == 0
    assert ready.count("recall_deadline", recall, "and x.rule_key = 'us.806.extension'") == 1
    assert ready.count("recall_scope", recall, "and x.signed_at is not null") == 2


async def test_a_lot_held_by_two_recalls_stays_held_until_both_let_go(ready: Case) -> None:
    one, other = ready.recall(), ready.recall(more=2)
    for recall in (one, other):
        await recall.open(ready.lot)
        await recall.freeze()
        await recall.do("hold_all", "sun.zhao")
    assert ready.plant.scalar(HELD, lot=ready.lot) == 2
    for recall, left in ((one, 1), (other, 0)):
        await recall.do("notify", "sun.zhao")
        await recall.do("follow_up", "sun.zhao", "expand", reason="误报", form={"identifiers": ready.lot})
        await recall.withdraw()
        assert ready.plant.scalar(HELD, lot=ready.lot) == left


async def test_an_answer_that_cannot_be_is_refused(ready: Case) -> None:
    recall = ready.recall()
    await recall.open(ready.lot)
    await recall.to_customers()
    (notice,) = recall.notices()
    for code, given in (
        ("RCL-011", {"received": 31}),
        ("RCL-019", {"received": 30, "used": 1}),
        ("RCL-020", {"received": 30, "will_return": 31}),
        ("RCL-012", {"received": 30, "name": "  "}),
    ):
        with refused(ready.plant.engine, code):
            await recall.acknowledge(notice, **given)
    await recall.acknowledge(notice, 10)
    with refused(ready.plant.engine, "RCL-010"):
        await recall.acknowledge(notice, 10)


async def test_what_leads_nowhere_is_refused_and_nothing_begins(ready: Case) -> None:
    with refused(ready.plant.engine, "TRC-001"):
        await ready.recall().open("没有这个批号")
    with refused(ready.plant.engine, "RCL-003"):
        await ready.recall().open(ready.lot, reason=" ")
    await ready.recall().open(ready.lot)
    with refused(ready.plant.engine, "RCL-002"):
        await ready.recall().open(ready.lot)


async def test_a_batch_that_waited_for_its_holds_goes_on(ready: Case) -> None:
    plant, lot, recall = ready.plant, f"H-{ready.n}-W", ready.recall()
    await plant.make(lot, stock.MATERIAL, 10)
    await plant.complete(lot, "review", "zhou.shen", "hold", reason="待查")
    await recall.open(lot)
    await recall.freeze()
    await recall.do("hold_all", "sun.zhao")
    again = DecideAgain(command_id=str(uuid4()), by=plant.by("wu.jingli"), lot_no=lot, reason="查清")
    await plant.door.decide_again(plant.client, again)
    assert [task.stage for task in plant.tasks(lot)] == ["review"]
    while await Delivery(plant.engine, plant.client).deliver_once():  # the batch's workflow learns of it
        pass
    with pytest.raises(Refusal, match="REL-001"):
        await plant.complete(lot, "review", "zhou.shen", "release", reason="查清")
    await recall.do("notify", "sun.zhao")
    await recall.do("follow_up", "sun.zhao", "expand", reason="误报", form={"identifiers": lot})
    await recall.withdraw()
    assert [task.stage for task in plant.tasks(lot)] == ["review"]
    while await Delivery(plant.engine, plant.client).deliver_once():  # the batch's workflow learns of it
        pass
    await plant.complete(lot, "review", "zhou.shen", "release", reason="查清")
    await plant.complete(lot, "approve", "chen.pi", "release", reason="查清")
    assert plant.status(lot) == "released"


async def test_a_part_that_is_split_off_after_the_opening_is_in_the_scope_by_itself(case: Case) -> None:
    """It is held like its lot from the first moment, ships nowhere, is counted, decided about, and nobody expands anything."""
    plant, recall, part = case.plant, case.recall(), f"{case.lot}-P"
    await recall.open(case.material)
    await reshape(plant, splitting(plant, case.lot, new(part, 10)))
    with refused(plant.engine, "LOT-003"):
        await plant.ship(f"SH-{case.n}-P", part, 4)
    with pytest.raises(Refusal, match="LOT-003"):
        await plant.make(f"K-{case.n}", case.material, 5)
    await recall.freeze()
    held = await recall.do("hold_all", "sun.zhao")
    assert held.data["grown"] == 0
    assert plant.scalar(HELD, lot=part) == 1
    later = f"{case.lot}-Q"
    await reshape(plant, splitting(plant, part, new(later, 3)))
    await recall.do("notify", "sun.zhao")
    await recall.do("follow_up", "sun.zhao", "done")
    assert recall.in_scope() >= {part, later}
    assert recall.here() == {case.material: 50, case.lot: 10, part: 7, later: 3}
    await recall.decide("rework", part)
    await recall.refuse("RCL-021", "close", "wu.jingli", "close", signed=True, reason="余量已约定退回")
    await recall.decide("rework")
    await recall.do("close", "wu.jingli", "close", signed=True, reason="余量已约定退回")


async def test_what_turns_out_to_be_made_of_a_recalled_lot_must_be_named_in_the_scope(case: Case) -> None:
    """A corrected record links another batch to it: its customers were never told."""
    plant, recall = case.plant, case.recall()
    await plant.material(f"{case.material}-X", 50)
    await plant.make(f"{case.lot}-X", f"{case.material}-X", 10)
    await recall.open(case.material)
    await recall.freeze()
    found = correcting(plant, f"{case.lot}-X", f"{case.material}-X", used(case.material, 10))
    await plant.door.correct_link(plant.client, found)
    held = await recall.do("hold_all", "sun.zhao")
    assert (held.data["grown"], held.data["grown_lots"]) == (1, [f"{case.lot}-X"])
    await recall.do("notify", "sun.zhao")
    await recall.refuse("RCL-018", "follow_up", "sun.zhao", "done")
    wider = await recall.do("follow_up", "sun.zhao", "expand", form={"identifiers": case.material}, reason="更正")
    assert wider.data["difference"]["lots_added"] == [f"{case.lot}-X"]
    await recall.to_customers()
    await recall.do("follow_up", "sun.zhao", "done")


async def test_a_part_joins_the_scope_of_a_drill_too_and_is_not_held(ready: Case) -> None:
    plant, recall = ready.plant, ready.recall("drill")
    await recall.open(ready.lot)
    await recall.freeze()
    await reshape(plant, splitting(plant, ready.lot, new(f"{ready.lot}-P", 10)))
    held = await recall.do("hold_all", "sun.zhao")
    assert (held.data["grown_lots"], plant.scalar(HELD, lot=f"{ready.lot}-P")) == ([], 0)
    assert f"{ready.lot}-P" in recall.in_scope()
