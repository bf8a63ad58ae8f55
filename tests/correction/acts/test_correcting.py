"""Correcting a consumption at the record: links, stock, holds, closed lots, the trace then and now (REQUIREMENTS 21)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest_asyncio
from sqlalchemy import text

from models.hold.messages import PlaceHold
from models.kernel.store.act import act, reading
from models.lot.store import lots
from models.release.rules import evidence
from models.release.store import batch_record
from tests.support.plant.bringing import bringing
from tests.support.plant.correcting import answer, correct, correcting, parents, places, used, whole
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.reshaping import in_stock, new, reshape, splitting
from tests.support.record import refused

NUMBERS = count(1)
READINGS = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    """R-1 and R-2 are material, R-WAIT waits for its inspection."""
    for lot in ("R-1", "R-2"):
        await desk.material(lot, 1000)
    await desk.receive("R-WAIT", 100)
    return desk


async def begun(plant: Plant, *consumes: tuple[str, int], lot: str | None = None) -> str:
    """A batch whose first operation has consumed that."""
    lot = lot or f"C-{next(NUMBERS)}"
    await plant.order(lot, 50)
    await machine(plant, lot, *consumes)
    return lot


async def machine(plant: Plant, lot: str, *consumes: tuple[str, int]) -> None:
    given = tuple({"lot_no": number, "quantity": quantity} for number, quantity in consumes)
    command = plant.operation(lot, 10, equipment=("M-07",), consumes=given)
    await plant.door.record_operation(plant.client, lot, command)


async def finish(plant: Plant, lot: str) -> None:
    command = plant.operation(lot, 20, environment=READINGS, produced=50, equipment=("W-03",))
    await plant.door.record_operation(plant.client, lot, command)
    await plant.measure(lot)
    await plant.complete(lot, "inspect", "lin.jian", "accepted")


async def packed(plant: Plant, *consumes: tuple[str, int]) -> str:
    lot = await begun(plant, *consumes)
    await finish(plant, lot)
    await plant.pack(lot, 50)
    return lot


def faults(plant: Plant, lot: str) -> list[str]:
    with reading(plant.engine) as session:
        record = batch_record.build(session, lots.get(session, lot))
        return [one.code for one in evidence.assess(record, datetime.now(UTC)).exceptions]


def held(plant: Plant, lot: str) -> list[str]:
    query = (
        "select coalesce(array_agg(h.reason order by h.id), '{}') from hold h join lot l on l.id = h.lot_id"
        " where l.lot_no = :lot and h.cause = 'correction' and h.lifted_at is null"
    )
    return list(plant.scalar(query, lot=lot))


async def test_another_lot_was_used(shop: Plant) -> None:
    lot = await begun(shop, ("R-1", 50))
    first, second = in_stock(shop, "R-1"), in_stock(shop, "R-2")
    done = await correct(shop, correcting(shop, lot, "R-1", used("R-2", 50), login="wang.cao"))
    assert (in_stock(shop, "R-1"), in_stock(shop, "R-2")) == (first + 50, second - 50)
    assert (done.data["wrong"], done.data["held"], done.data["reopened"]) == ("R-1", [], False)
    assert done.data["lots"] == [{"lot_no": "R-2", "quantity": "50", "uom": "pcs"}]
    assert parents(shop, lot) == {("R-2", "50")}
    whole(shop, lot, "R-1", "R-2")
    with reading(shop.engine) as session:
        record = batch_record.build(session, lots.get(session, lot))
        assert record.operations[0].consumed == ("R-2",)
        assert [one.lot_no for one in record.parents] == ["R-2"]
        for parent in ("R-1", "R-2"):
            made = batch_record.build(session, lots.get(session, parent)).balance
            assert made.difference == 0
            assert made.stock == in_stock(shop, parent)


async def test_the_same_lot_with_another_quantity_moves_the_difference_only(shop: Plant) -> None:
    lot = await begun(shop, ("R-1", 50))
    before = in_stock(shop, "R-1")
    await correct(shop, correcting(shop, lot, "R-1", used("R-1", "30")))
    assert in_stock(shop, "R-1") == before + 20
    await correct(shop, correcting(shop, lot, "R-1", used("R-1", 60)))
    assert in_stock(shop, "R-1") == before - 10
    query = (
        "select count(*) from stock_movement m join operation_run o on o.id = m.operation_run_id"
        " join lot l on l.id = o.lot_id where l.lot_no = :lot and m.kind = 'adjust'"
    )
    assert shop.scalar(query, lot=lot) == 2
    whole(shop, lot, "R-1")


async def test_several_lots_take_the_place_of_one(shop: Plant) -> None:
    lot = await begun(shop, ("R-1", 50))
    done = await correct(shop, correcting(shop, lot, "R-1", used("R-2", 20), used("R-1", 30)))
    query = "select array_agg(supersedes_id is not null order by id) from genealogy_edge where id = any(:ids)"
    assert shop.scalar(query, ids=done.data["links"]) == [True, False]
    assert parents(shop, lot) == {("R-2", "20"), ("R-1", "30")}
    whole(shop, lot, "R-1", "R-2")


async def test_goods_go_back_to_where_they_were_taken_from(shop: Plant) -> None:
    await shop.receive("R-TWO", 40)
    await shop.measure("R-TWO")
    await shop.complete("R-TWO", "inspect", "lin.jian", "accepted")
    # half of it lies elsewhere
    with act(shop.engine, SETUP) as session:
        from models.stock.store import stock

        lot = lots.get(session, "R-TWO")
        stock.move(session, lot, stock.location(session, "RCV-01"), stock.location(session, "RM-A1"), Decimal(15), "x")
    assert places(shop, "R-TWO") == {"RCV-01": 25, "RM-A1": 15}
    made = await begun(shop, ("R-TWO", 35))
    assert places(shop, "R-TWO") == {"RM-A1": 5}
    await correct(shop, correcting(shop, made, "R-TWO", used("R-2", 35)))
    assert places(shop, "R-TWO") == {"RCV-01": 25, "RM-A1": 15}
    # taken back in part: never more to a place than came from it
    await correct(shop, correcting(shop, made, "R-2", used("R-TWO", 12, "RM-A1"), used("R-2", 23)))
    assert places(shop, "R-TWO") == {"RCV-01": 25, "RM-A1": 3}
    whole(shop, made, "R-TWO", "R-2")


async def test_a_lot_that_should_not_have_been_used_is_recorded_and_blocks_the_release(shop: Plant) -> None:
    lot = await packed(shop, ("R-1", 50))
    assert faults(shop, lot) == []
    await correct(shop, correcting(shop, lot, "R-1", used("R-WAIT", 50)))
    assert faults(shop, lot) == ["EV-MATERIAL-2"]
    whole(shop, lot, "R-WAIT")
    await shop.material("R-HELD", 60)
    hold = PlaceHold(command_id=lot, by=shop.by("wu.jingli"), lot_nos=("R-HELD",), reason="投诉")
    await shop.door.place_hold(shop.client, hold)
    await correct(shop, correcting(shop, lot, "R-WAIT", used("R-HELD", 50)))
    assert "EV-MATERIAL-1" in faults(shop, lot)
    task = shop.task(lot, "review")
    command = shop.completion(task, shop.by("zhou.shen"), "release", reason="急")
    with refused(shop.engine, "REL-001"):
        await shop.door.complete_task(shop.client, shop.workflow_of(task), command)
    assert in_stock(shop, "R-WAIT") == 100


async def test_a_release_under_way_is_void_and_the_batch_is_held(shop: Plant) -> None:
    lot = await packed(shop, ("R-1", 50))
    task = shop.task(lot, "review")
    await shop.complete(lot, "review", "zhou.shen", "release")
    approve = shop.completion(shop.task(lot, "approve"), shop.by("chen.pi"), "release")
    done = await correct(shop, correcting(shop, lot, "R-1", used("R-2", 50)))
    assert done.data["held"] == [lot]
    assert [one.startswith("投料更正 correction: R-1 50 pcs → R-2 50 pcs; 扫错标签") for one in held(shop, lot)] == [
        True
    ]
    # what was seen before is not what stands there now
    with refused(shop.engine, "SIG-004"):
        await shop.door.complete_task(shop.client, shop.workflow_of(task), approve)
    # and the first signature is no longer over the same record
    again = shop.completion(shop.task(lot, "approve"), shop.by("chen.pi"), "release")
    with refused(shop.engine, "SIG-005"):
        await shop.door.complete_task(shop.client, shop.workflow_of(task), again)
    assert shop.status(lot) == "packed"


async def test_who_corrected_what_went_into_a_batch_does_not_sign_its_release(shop: Plant) -> None:
    """The release would rely on their own record (ISO 13485 8.2.6; DESIGN 2.7): neither here nor of a part split off."""
    lot = await packed(shop, ("R-1", 50))
    await correct(shop, correcting(shop, lot, "R-1", used("R-2", 50), login="zhou.shen"))
    task = shop.task(lot, "review")
    command = shop.completion(task, shop.by("zhou.shen"), "release")
    with refused(shop.engine, "PRC-005"):
        await shop.door.complete_task(shop.client, shop.workflow_of(task), command)
    assert shop.status(lot) == "packed"


async def test_a_packed_batch_that_nobody_has_signed_is_not_held(shop: Plant) -> None:
    lot = await packed(shop, ("R-1", 50))
    assert (await correct(shop, correcting(shop, lot, "R-1", used("R-2", 50)))).data["held"] == []
    await shop.release(lot)
    assert shop.status(lot) == "released"


async def test_a_batch_in_use_is_held_with_its_parts_and_others_are_told(shop: Plant) -> None:
    lot = await packed(shop, ("R-1", 50))
    await shop.release(lot)
    await reshape(shop, splitting(shop, lot, new(f"{lot}-A", 20)))
    await shop.ship(f"S-{lot}", f"{lot}-A", 20)
    assert shop.status(f"{lot}-A") == "closed"
    done = await correct(shop, correcting(shop, lot, "R-1", used("R-2", 50)))
    assert done.data["held"] == [lot, f"{lot}-A"]
    assert len(held(shop, lot)) == len(held(shop, f"{lot}-A")) == 1
    query = (
        "select array_agg(distinct l.lot_no order by l.lot_no) from outbox o join lot l on l.id = o.lot_id"
        " where o.fact = 'lot.link_corrected' and o.payload ->> 'of' = :lot"
    )
    assert shop.scalar(query, lot=lot) == sorted([lot, "R-1", "R-2"])
    with refused(shop.engine, "LOT-003"):
        await shop.ship(f"S-{lot}-2", lot, 5)
    whole(shop, lot, f"{lot}-A")


async def test_a_lot_that_seemed_used_up_is_there_again(shop: Plant) -> None:
    await shop.material("R-ALL", 50)
    lot = await begun(shop, ("R-ALL", 50))
    assert shop.status("R-ALL") == "closed"
    done = await correct(shop, correcting(shop, lot, "R-ALL", used("R-2", 50)))
    assert (done.data["reopened"], shop.status("R-ALL")) == (True, "released")
    assert in_stock(shop, "R-ALL") == 50
    other = await begun(shop, ("R-ALL", 10))
    whole(shop, lot, other, "R-ALL")


async def test_a_lot_that_is_used_up_by_it_ends_its_life(shop: Plant) -> None:
    await shop.material("R-LAST", 50)
    lot = await begun(shop, ("R-1", 50))
    await correct(shop, correcting(shop, lot, "R-1", used("R-LAST", 50)))
    assert shop.status("R-LAST") == "closed"


async def test_as_of_answers_stay_as_they_were(shop: Plant) -> None:
    lot = await begun(shop, ("R-1", 50))
    then = shop.scalar("select clock_timestamp()").isoformat()
    asked = [lot, "R-1", "R-2"]
    known = [answer(shop, one, then).digest for one in asked]
    await correct(shop, correcting(shop, lot, "R-1", used("R-2", 50)))
    assert [answer(shop, one, then).digest for one in asked] == known
    assert {e.parent for e in answer(shop, lot, then).edges if e.child == lot} == {"R-1"}
    assert answer(shop, lot, then).balanced


async def test_who_may_correct(shop: Plant) -> None:
    lot = await begun(shop, ("R-1", 50))
    for login, code in (("lin.jian", "AUTH-005"), ("zhao.liu", "AUTH-005"), ("li.cang", "AUTH-005")):
        with refused(shop.engine, code, 403):
            await correct(shop, correcting(shop, lot, "R-1", used("R-2", 50), login=login))
    await correct(shop, correcting(shop, lot, "R-1", used("R-2", 50), login="wang.cao"))
    await finish(shop, lot)
    with refused(shop.engine, "LNK-011", 403):
        await correct(shop, correcting(shop, lot, "R-2", used("R-1", 50), login="wang.cao"))
    await correct(shop, correcting(shop, lot, "R-2", used("R-1", 50), login="zhou.shen"))


async def test_which_link_is_meant(shop: Plant) -> None:
    lot = await begun(shop, ("R-1", 20), ("R-2", 5))
    readings = {"environment": READINGS, "equipment": ("W-03",)}
    command = shop.operation(lot, 20, **readings, produced=50, consumes=({"lot_no": "R-1", "quantity": 7},))
    await shop.door.record_operation(shop.client, lot, command)
    with refused(shop.engine, "LNK-002", zh="工序 10, 20"):
        await correct(shop, correcting(shop, lot, "R-1", used("R-2", 20)))
    with refused(shop.engine, "LNK-001", 404):
        await correct(shop, correcting(shop, lot, "R-1", used("R-2", 20), seq=30))
    with refused(shop.engine, "LNK-001", 404):
        await correct(shop, correcting(shop, lot, "R-WAIT", used("R-2", 20)))
    done = await correct(shop, correcting(shop, lot, "R-1", used("R-2", 7), seq=20))
    with refused(shop.engine, "LNK-003", zh="吴经理"):
        await correct(shop, correcting(shop, lot, "R-1", used("R-2", 7), seq=20))
    with refused(shop.engine, "LNK-003", zh="吴经理"):
        await correct(shop, correcting(shop, lot, "R-1", used("R-2", 7), link=done.data["link"]))
    whole(shop, lot, "R-1", "R-2")


async def test_one_lot_twice_in_one_operation_is_corrected_link_by_link(shop: Plant) -> None:
    lot = await begun(shop, ("R-1", 20), ("R-1", 30))
    with refused(shop.engine, "LNK-002"):
        await correct(shop, correcting(shop, lot, "R-1", used("R-2", 20), seq=10))
    query = "select e.id from genealogy_edge e join lot l on l.id = e.child_lot_id where l.lot_no = :lot and e.quantity = 20"
    await correct(shop, correcting(shop, lot, "R-1", used("R-2", 20), link=shop.scalar(query, lot=lot)))
    assert parents(shop, lot) == {("R-1", "30"), ("R-2", "20")}
    whole(shop, lot, "R-1", "R-2")


async def test_what_is_refused_leaves_the_record_as_it_was(shop: Plant) -> None:
    lot = await begun(shop, ("R-1", 50))
    for code, status, lots_, more in (
        ("LNK-008", 422, (used("R-2", 1),), {"reason": " "}),
        ("LNK-005", 422, (), {}),
        ("LNK-005", 422, tuple(used(f"X-{n}", 1) for n in range(21)), {}),
        ("LNK-006", 422, (used("R-2", 1), used("R-2", 2)), {}),
        ("LNK-012", 422, (used("R-2", 0),), {}),
        ("LNK-012", 422, (used("R-2", "-1"),), {}),
        ("LNK-012", 422, (used("R-2", "1.0000001"),), {}),
        ("LNK-009", 422, (used("R-1", "50.0"),), {}),
        ("LNK-007", 409, (used(lot, 1),), {}),
        ("STK-001", 409, (used("R-2", 100_000),), {}),
        ("STK-001", 409, (used("R-2", 1, "FG-A1"),), {}),
        ("LOT-001", 404, (used("没有这个批次", 1),), {}),
    ):
        with refused(shop.engine, code, status):
            await correct(shop, correcting(shop, lot, "R-1", *lots_, **more))
    with refused(shop.engine, "LOT-001", 404):
        await correct(shop, correcting(shop, "没有", "R-1", used("R-2", 1)))


async def test_what_was_made_of_a_batch_did_not_go_into_it(shop: Plant) -> None:
    lot = await packed(shop, ("R-1", 50))
    await shop.release(lot)
    above = await begun(shop, (lot, 10))
    await finish(shop, above)
    await shop.pack(above, 50)
    form = {"cause": "试制", "requirements_met": True}  # stems are on no bill of stems
    await shop.complete(above, "decide", "chen.pi", "accept", reason="已评估", form=form)
    await shop.complete(above, "review", "zhou.shen", "release", reason="偏差已决定")
    await shop.complete(above, "approve", "chen.pi", "release", reason="偏差已决定")
    with refused(shop.engine, "LNK-007"):
        await correct(shop, correcting(shop, lot, "R-1", used(above, 5)))


async def test_only_what_was_consumed_is_corrected(shop: Plant) -> None:
    await shop.material("R-SPLIT", 10)
    await reshape(shop, splitting(shop, "R-SPLIT", new("R-SPLIT-A", 4)))
    with refused(shop.engine, "LNK-004"):
        await correct(shop, correcting(shop, "R-SPLIT-A", "R-SPLIT", used("R-2", 4)))


async def test_an_imported_link_is_corrected_without_moving_stock(shop: Plant) -> None:
    with bringing(shop.engine) as session:
        session.connection().execute(
            text(
                "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, source, at)"
                " select p.id, c.id, 'consume', 3, 'pcs', 'inventree', :at from lot p, lot c"
                " where p.lot_no = 'R-1' and c.lot_no = 'R-SPLIT'"
            ),
            {"at": datetime.now(UTC) - timedelta(days=900)},
        )
    before = [in_stock(shop, lot) for lot in ("R-1", "R-2")]
    with refused(shop.engine, "LNK-010"):
        await correct(shop, correcting(shop, "R-SPLIT", "R-1", used("R-2", 2), login="wang.cao"))
    await correct(shop, correcting(shop, "R-SPLIT", "R-1", used("R-2", 2)))
    assert [in_stock(shop, lot) for lot in ("R-1", "R-2")] == before
    assert parents(shop, "R-SPLIT") == {("R-2", "2")}
