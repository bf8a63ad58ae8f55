"""An approved change pauses the batches that it touches at their next step, until somebody has decided on each (REQ 45, 46; STANDARDS X 53)."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.lot.rules import locked
from models.lot.rules.locked import Step
from models.process.acts import preview
from models.process.messages.process import CompleteTask
from tests.change.asking import (
    agreed,
    approval,
    approved,
    asking,
    assessed,
    cleaning,
    closed,
    cut,
    decide,
    effective,
    item,
    locks,
    opened,
    receipt,
    verified,
)
from tests.support.often import often
from tests.support.plant.direct import do, meet
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import merging, new, reshape, splitting
from tests.support.processes.matter import complete, stages
from tests.support.servers.together import orders, split, together

TRAIL = """
select coalesce(array_agg(distinct f.fact order by f.fact), '{}') from lot_fact f join lot l on l.id = f.lot_id
  join audit_event e on e.table_name = 'lot_fact' and e.row_id = f.id
 where l.lot_no = :lot and e.after -> 'data' ->> 'change' = :number
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    await desk.material("M-CHG", 5000)
    return desk


async def test_running_batches_pause_at_their_next_step_and_one_that_is_past_is_not_touched(shop: Plant) -> None:
    for lot in ("P-1", "P-2", "P-3", "P-4"):
        await shop.order(lot, 10)
    for lot in ("P-1", "P-2", "P-4"):
        await cut(shop, lot, "M-CHG")
    await shop.door.record_operation(None, "P-4", cleaning(shop, "P-4"))
    given = {"lot_nos": ("P-1", "P-2", "P-3", "P-4"), "first_step": "operation", "first_seq": 20}
    number, done = await approved(shop, title="改用新清洗剂", **given)
    assert done.data["paused"] == 3
    assert locks(shop, number) == {"P-1": "operation 20", "P-2": "operation 20", "P-3": "operation 20"}
    for lot in ("P-1", "P-2"):
        with pytest.raises(Refusal, match="CHG-001") as refused:
            await shop.door.record_operation(None, lot, cleaning(shop, lot))
        said = f"{refused.value.zh} {refused.value.en}"
        assert all(one in said for one in (lot, number, "工序 20", "质量批准人", "QA approver"))
    await cut(shop, "P-3", "M-CHG")  # what comes before the step that it forbids goes on
    with pytest.raises(Refusal, match="CHG-001"):
        await shop.door.record_operation(None, "P-3", cleaning(shop, "P-3"))
    await shop.measure("P-4")
    await shop.complete("P-4", "inspect", "lin.jian", "accepted")
    # what had begun before is recorded, and the batch pauses after it
    began = cleaning(shop, "P-2").model_copy(
        update={"started_at": shop.scalar("select max(locked_at) from change_lock") - timedelta(seconds=1)}
    )
    await shop.door.record_operation(None, "P-2", began)
    await shop.measure("P-2")
    with pytest.raises(Refusal, match="CHG-001"):
        await shop.complete("P-2", "inspect", "lin.jian", "accepted")
    await decide(shop, number, P_1="old_way")
    await shop.door.record_operation(None, "P-1", cleaning(shop, "P-1"))
    with pytest.raises(Refusal, match="CHG-001"):
        await shop.door.record_operation(None, "P-3", cleaning(shop, "P-3"))
    await decide(shop, number, rest="new_way")
    await shop.door.record_operation(None, "P-3", cleaning(shop, "P-3"))
    await shop.complete("P-2", "inspect", "lin.jian", "accepted")
    assert locks(shop, number) == {
        "P-1": "operation 20 old_way",
        "P-2": "operation 20 new_way",
        "P-3": "operation 20 new_way",
    }
    for lot in ("P-1", "P-2", "P-3"):
        assert shop.scalar(TRAIL, lot=lot, number=number) == ["lot.pause_decided", "lot.paused"]
    assert shop.scalar(TRAIL, lot="P-4", number=number) == []
    assert stages(shop, number) == ["carry_process_owner", "verify"]
    await closed(shop, number)
    assert shop.scalar("select status from change where change_no = :n", n=number) == "closed"


async def test_the_page_says_before_the_click_why_a_step_waits_and_for_whom(shop: Plant) -> None:
    await shop.receive("W-1")
    await shop.measure("W-1")
    number, _ = await approved(shop, lot_nos=("W-1",))
    task, by = shop.task("W-1", "inspect"), shop.by("lin.jian")
    command = CompleteTask(command_id="c", task_id=task.public_id, stage="inspect", by=by, outcome="accepted")
    with reading(shop.engine) as session:
        at = session.connection().exec_driver_sql("select now()").scalar_one()
        seen = preview.decision(session, task.public_id, by, at)
        assert seen.why_not is not None
        assert (seen.why_not.code, number in seen.why_not.zh) == ("CHG-001", True)
        with pytest.raises(Refusal, match="CHG-001"):
            preview.check(session, command, at)
    await decide(shop, number, W_1="new_way")
    await shop.complete("W-1", "inspect", "lin.jian", "accepted")


@pytest.mark.timeout(often(180, 1200))
async def test_pausing_and_completing_a_step_meet_and_one_of_them_is_first(shop: Plant) -> None:
    told: list[bool] = []
    for n, first in enumerate(orders(often(3, 50))):
        lot = f"RACE-{n}"
        await shop.receive(lot)
        await shop.measure(lot)
        number = await opened(shop, lot_nos=(lot,), first_step="incoming")
        await agreed(shop, number)
        step = shop.completion(shop.task(lot, "inspect"), shop.by("lin.jian"), "accepted")
        _, refused = meet(shop, lot, first, ("complete_task", step), ("complete_task", approval(shop, number)))
        assert [one.code for one in refused] in ([], ["CHG-001"])
        went = shop.status(lot) == "released"
        assert went == (not refused)
        # either the batch is past the step and isn't touched, or it waits there: never both, never neither
        assert locks(shop, number) == ({} if went else {lot: "incoming"})
        if first is not None:
            assert went == (first == 0)
        told.append(went)
    assert {True, False} <= set(told)


async def test_a_batch_that_is_made_during_the_change_is_caught(shop: Plant) -> None:
    goods = item(shop, "CAUGHT-1")
    await shop.receive("C-1", item_no=goods)
    number, _ = await approved(shop, kind="item", target=goods)
    await shop.receive("C-2", item_no=goods)
    await shop.receive("C-OTHER")
    await shop.order("C-3", 10, bill=())
    assert locks(shop, number) == {"C-1": "incoming", "C-2": "incoming"}
    await shop.measure("C-2")
    with pytest.raises(Refusal, match="CHG-001"):
        await shop.complete("C-2", "inspect", "lin.jian", "accepted")
    await decide(shop, number, rest="old_way")
    await shop.receive("C-4", item_no=goods)  # after all were decided: the change can't be closed over it
    await verified(shop, number)
    await shop.receive("C-6", item_no=goods)  # after the last look at them
    assert stages(shop, number) == ["batches_left"]
    await decide(shop, number, "batches_left", C_4="old_way")
    await decide(shop, number, "batches_left", C_6="old_way")
    await effective(shop, number, effective="on_day", effective_on="2099-01-01")
    await shop.receive("C-7", item_no=goods)
    assert stages(shop, number) == ["close"]
    with pytest.raises(Refusal, match="CHG-012"):
        await complete(shop, number, "close", "wu.jingli", "close", form={"done": "x"})
    await complete(shop, number, "close", "wu.jingli", "more", form={"done": "x"}, reason="有新批次")
    await decide(shop, number, "batches_left", C_7="new_way")
    await complete(shop, number, "close", "wu.jingli", "other_start", form={"done": "x"}, reason="提前")
    await effective(shop, number)
    await complete(shop, number, "close", "wu.jingli", "close", form={"done": "x"})
    await shop.receive("C-5", item_no=goods)
    assert "C-5" not in locks(shop, number)


async def test_an_order_that_takes_the_item_is_caught_by_its_bill(shop: Plant) -> None:
    number, _ = await approved(shop, kind="item", target="PEEK-20", first_step="operation", first_seq=10)
    before = locks(shop, number)
    await shop.order("BILL-1", 10)
    assert locks(shop, number) == before | {"BILL-1": "operation 10"}
    await decide(shop, number, rest="old_way")
    await closed(shop, number)


@pytest.mark.timeout(often(180, 1200))
async def test_nobody_makes_a_batch_unseen_beside_the_approval(shop: Plant) -> None:
    goods = item(shop, "BESIDE-1")
    for n in range(often(2, 25)):
        number = await opened(shop, kind="item", target=goods)
        await agreed(shop, number)
        approve = partial(do, shop.engine, "complete_task", approval(shop, number))
        receipts = [receipt(shop, f"BESIDE-{n}-{m}", goods) for m in range(3)]
        done, refused = split(together(approve, *(partial(do, shop.engine, "receive_lot", one) for one in receipts)))
        assert (len(done), refused) == (4, [])
        assert {f"BESIDE-{n}-{m}" for m in range(3)} <= locks(shop, number).keys()
        await decide(shop, number, rest="old_way")
        await closed(shop, number)


async def test_goods_of_a_paused_batch_are_not_used_or_merged_and_parts_take_their_lock_along(shop: Plant) -> None:
    for lot in ("G-1", "G-2"):
        await shop.material(lot, 100)
    number, _ = await approved(shop, lot_nos=("G-1",))
    assert locks(shop, number) == {"G-1": "leave"}
    await shop.order("G-MADE", 10)
    for what in (cut(shop, "G-MADE", "G-1"), reshape(shop, merging(shop, "G-BOTH", "G-1", "G-2"))):
        with pytest.raises(Refusal, match="CHG-001"):
            await what
    await reshape(shop, splitting(shop, "G-1", new("G-1A", 30)))
    assert locks(shop, number) == {"G-1": "leave", "G-1A": "leave"}
    await decide(shop, number, G_1="new_way")
    await reshape(shop, splitting(shop, "G-1", new("G-1B", 30)))
    await cut(shop, "G-MADE", "G-1B")  # decided, and so is what is split from it now
    with pytest.raises(Refusal, match="CHG-001"):
        await shop.ship("SH-G", "G-1A", 5)
    await decide(shop, number, G_1A="old_way")
    await reshape(shop, merging(shop, "G-BOTH", "G-1A", "G-2"))


async def test_who_asked_does_not_decide_and_an_area_that_objects_stops_it(shop: Plant) -> None:
    number = await opened(shop, "chen.pi")
    await complete(shop, number, "assess", "zhou.shen", form=assessed(risk="high"))
    with pytest.raises(Refusal, match="CHG-006"):
        await complete(shop, number, "agree_quality", "chen.pi", "agree")
    number = await opened(shop, "wu.jingli")
    await agreed(shop, number)
    with pytest.raises(Refusal, match="CHG-006"):
        await complete(shop, number, "approve", "wu.jingli", "approve")
    number = await opened(shop)
    await agreed(shop, number, production="object")
    with pytest.raises(Refusal, match="CHG-007"):
        await complete(shop, number, "approve", "wu.jingli", "approve")
    await complete(shop, number, "approve", "wu.jingli", "turn_down", reason="产能不足")
    assert (locks(shop, number), shop.scalar("select status from change where change_no = :n", n=number)) == (
        {},
        "refused",
    )


async def test_withdrawn_it_frees_what_nobody_has_decided_on(shop: Plant) -> None:
    for lot in ("F-1", "F-2"):
        await shop.receive(lot)
    number, _ = await approved(shop, lot_nos=("F-1", "F-2"))
    await decide(shop, number, F_1="new_way")
    await complete(shop, number, "batches", "chen.pi", "withdraw", reason="供方恢复供货")
    assert locks(shop, number) == {"F-1": "incoming new_way", "F-2": "incoming freed"}
    await shop.measure("F-2")
    await shop.complete("F-2", "inspect", "lin.jian", "accepted")
    assert shop.scalar(TRAIL, lot="F-2", number=number) == ["lot.pause_freed", "lot.paused"]


async def test_what_is_scrapped_or_reworked_is_held_and_reviewed(shop: Plant) -> None:
    await shop.receive("S-1")
    number, _ = await approved(shop, lot_nos=("S-1",))
    await decide(shop, number, S_1="scrap")
    assert (
        shop.scalar(
            "select count(*) from hold h join lot l on l.id = h.lot_id where l.lot_no = 'S-1' and h.lifted_at is null"
        )
        == 1
    )
    title = shop.scalar(
        "select n.title from nonconformance n join lot l on l.id = n.lot_id where l.lot_no = 'S-1' and n.status = 'open'"
    )
    assert number in title
    await closed(shop, number)


async def test_a_request_says_what_and_why_and_a_decision_names_paused_batches_once(shop: Plant) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "CHG-002": {"reason": " "},
        "CHG-003": {"kind": "weather"},
        "CHG-004": {"kind": "item", "target": "NONE"},
        "CHG-013": {"first_step": "operation"},
        "LOT-001": {"lot_nos": ("NONE",)},
    }
    for code, said in wrong.items():
        with pytest.raises(Refusal, match=code):
            do(shop.engine, "open_change", asking(shop, **said))
    await shop.receive("D-1")
    number, _ = await approved(shop, lot_nos=("D-1",))
    for code, ways in {
        "CHG-009": [("M-CHG", "old_way")],
        "CHG-010": [("D-1", "old_way"), ("D-1", "scrap")],
        "CHG-011": [],
    }.items():
        form = {"batches": [{"batch": lot, "way": way} for lot, way in ways]}
        with pytest.raises(Refusal, match=code):
            await complete(shop, number, "batches", "chen.pi", "decide", form=form, reason="x")
    assert locks(shop, number) == {"D-1": "incoming"}


def test_the_database_knows_the_same_order_of_steps(shop: Plant) -> None:
    for step in Step:
        for seq in (0, 1, 20, 99_999, 2_000_000_000):
            assert shop.scalar("select batch_step_rank(:step, :seq)", step=step.value, seq=seq) == locked.rank(
                step, seq
            )
