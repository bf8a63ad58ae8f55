"""What turns out to belong to a recall after its scope was computed is held by it, by whichever door that comes out.

REQUIREMENTS 74, 121; 21 CFR 7.46; ISO 13485 8.3.1, 8.3.3.
"""

from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.importing.rules.files import read
from models.importing.store import importing
from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from models.receipt.messages import ReceiveLot
from models.reshape.messages import NewLot, SplitLot
from tests.importing.inventree.company import company, dump, item
from tests.recall.acts.test_containment import opening
from tests.support import stock
from tests.support.often import often
from tests.support.plant.correcting import correcting, used
from tests.support.plant.direct import do, meet
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling, add_customers
from tests.support.record import refused
from tests.support.servers.together import orders

NUMBERS = count(1)
HELD = (
    "select coalesce(array_agg(r.recall_no || ' ' || h.cause || case when h.confirmed_at is null then '' else '!' end order by h.id), '{}')"
    " from hold h join lot l on l.id = h.lot_id join recall r on r.id = h.recall_id"
    " where l.lot_no = :lot and h.lifted_at is null"
)
OWN_HOLD = (
    "select h.public_id::text from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot and h.cause = :cause"
)


def held(desk: Plant, lot: str) -> list[str]:
    return list(desk.scalar(HELD, lot=lot))


def fresh() -> str:
    return f"JN{next(NUMBERS)}"


def arriving(desk: Plant, lot: str, supplier_lot: str) -> ReceiveLot:
    return ReceiveLot(
        command_id=str(uuid4()), by=desk.by("li.cang"), lot_no=lot, item_no="PEEK-20", quantity=Decimal(5),
        supplier_no="S-1", supplier_lot_no=supplier_lot, location="RCV-01",
    )  # fmt: skip


@pytest.fixture(scope="module")
def desk(stocked_desk: Plant) -> Plant:
    """A plant where batches stand ready."""
    return stocked_desk


async def recalled(desk: Plant, n: str, *, mode: str = "recall") -> tuple[Recalling, str]:
    """A batch was made of one material, another material is recalled and its customers are told."""
    await desk.material(f"{n}-BAD")
    batch = await stock.batch(desk)
    recall = Recalling(desk, f"RC-{n}", mode=mode)
    await recall.open(f"{n}-BAD")
    await recall.to_customers()
    return recall, batch


async def test_a_batch_that_a_correction_finds_made_of_recalled_goods_is_held_with_its_parts_and_its_customers_told(
    desk: Plant,
) -> None:
    n = fresh()
    recall, batch = await recalled(desk, n)
    add_customers(desk, 1, first=70)
    await desk.ship(f"S-{n}", batch, 2, "C-70")
    part = SplitLot(
        command_id=str(uuid4()), by=desk.by("li.cang"), lot_no=batch, reason="分批",
        parts=(NewLot(lot_no=f"{n}-P", quantity=Decimal(1)),),
    )  # fmt: skip
    do(desk.engine, "reshape", part)
    do(desk.engine, "correct_link", correcting(desk, batch, stock.MATERIAL, used(f"{n}-BAD", stock.PIECES)))
    for lot in (batch, f"{n}-P"):
        assert held(desk, lot) == [f"RC-{n} containment"]
        with pytest.raises(Refusal, match="HLD-006"):
            desk.lifting(desk.scalar(OWN_HOLD, lot=lot, cause="containment"), "chen.pi")
    do(desk.engine, "lift_hold", desk.lifting(desk.scalar(OWN_HOLD, lot=batch, cause="correction"), "chen.pi"))
    lift = "update hold set lifted_at = now(), lifted_by_id = placed_by_id, lift_reason = 'x' where public_id = :hold"
    placed = desk.scalar(OWN_HOLD, lot=batch, cause="containment")
    assert by_hand(desk, lift, hold=placed) == "BW037", "the signed scope was computed before and says nothing about it"
    with pytest.raises(Refusal, match="LOT-003"):
        await desk.ship(f"S2-{n}", batch, 1)
    await recall.refuse("RCL-018", "follow_up", "sun.zhao", "done")
    await recall.do("follow_up", "sun.zhao", "expand", reason="更正", form={"identifiers": f"{n}-BAD"})
    await recall.to_customers()
    assert held(desk, batch) == [f"RC-{n} containment!"]
    assert [one.lines for one in recall.notices()] == [[{"lot_no": batch, "quantity": "2"}]]
    await recall.do("follow_up", "sun.zhao", "done")


async def test_what_is_found_when_the_follow_up_is_done_keeps_the_recall_from_closing(desk: Plant) -> None:
    n = fresh()
    recall, batch = await recalled(desk, n)
    await recall.decide("scrap")
    await recall.do("follow_up", "sun.zhao", "done")
    do(desk.engine, "correct_link", correcting(desk, batch, stock.MATERIAL, used(f"{n}-BAD", stock.PIECES)))
    await recall.refuse("RCL-018", "close", "wu.jingli", "close", signed=True)
    close = "update recall set status = 'closed', closed_at = now() where recall_no = :no"
    assert by_hand(desk, close, no=recall.number) == "BW313"


async def test_a_closed_recall_holds_for_good_what_is_found_later(desk: Plant) -> None:
    n = fresh()
    recall, batch = await recalled(desk, n)
    await recall.decide("scrap")
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.do("close", "wu.jingli", "close", signed=True)
    do(desk.engine, "correct_link", correcting(desk, batch, stock.MATERIAL, used(f"{n}-BAD", stock.PIECES)))
    assert held(desk, batch) == [f"RC-{n} recall"]
    placed = desk.scalar(OWN_HOLD, lot=batch, cause="recall")
    assert do(desk.engine, "lift_hold", desk.lifting(placed, "wu.jingli")).data["lifted"] is False


async def test_a_drill_holds_nothing_that_is_found(desk: Plant) -> None:
    n = fresh()
    _, batch = await recalled(desk, n, mode="drill")
    do(desk.engine, "correct_link", correcting(desk, batch, stock.MATERIAL, used(f"{n}-BAD", stock.PIECES)))
    assert held(desk, batch) == []


async def test_each_of_two_recalls_holds_what_is_found_and_one_that_is_withdrawn_leaves_the_other(desk: Plant) -> None:
    n = fresh()
    _, batch = await recalled(desk, n)
    other = Recalling(desk, f"RC-{n}-2")
    await other.open(f"{n}-BAD")
    do(desk.engine, "correct_link", correcting(desk, batch, stock.MATERIAL, used(f"{n}-BAD", stock.PIECES)))
    assert held(desk, batch) == [f"RC-{n} containment", f"RC-{n}-2 containment"]
    await other.withdraw()
    assert held(desk, batch) == [f"RC-{n} containment"]


async def test_more_of_a_recalled_suppliers_lot_is_held_as_it_arrives_however_it_is_written(desk: Plant) -> None:
    n = fresh()
    await desk.receive(f"{n}-1", supplier_lot_no=f"{n}-Q7")
    recall = Recalling(desk, f"RC-{n}")
    await recall.open(f"{n}-Q7")
    await desk.receive(f"{n}-2", supplier_lot_no=f"{n.lower()} q7")
    await desk.receive(f"{n}-NEAR", supplier_lot_no=f"{n}Q7")
    assert (held(desk, f"{n}-2"), held(desk, f"{n}-NEAR")) == ([f"RC-{n} containment"], [])
    await desk.measure(f"{n}-2")
    with pytest.raises(Refusal, match="LOT-003"):
        await desk.complete(f"{n}-2", "inspect", "lin.jian", "accepted")
    # two sign a scope of before: it says nothing about what has come since
    await recall.to_customers()
    assert (held(desk, f"{n}-1"), held(desk, f"{n}-2")) == ([f"RC-{n} containment!"], [f"RC-{n} containment"])
    await recall.refuse("RCL-018", "follow_up", "sun.zhao", "done")
    await recall.do("follow_up", "sun.zhao", "expand", reason="又到货", form={"identifiers": f"{n}-Q7"})
    await recall.freeze()
    assert held(desk, f"{n}-2") == [f"RC-{n} containment!"]
    assert recall.in_scope() == {f"{n}-1", f"{n}-2"}


async def test_a_number_that_comes_to_mean_more_keeps_no_recall_from_its_next_scope(desk: Plant) -> None:
    """Our number was the supplier's; then more of the supplier's lot came, under another number of ours."""
    n = fresh()
    await desk.receive(f"{n}-1", supplier_lot_no=f"{n}-1")
    recall = Recalling(desk, f"RC-{n}")
    await recall.open(f"{n}-1")
    await desk.receive(f"{n}-2", supplier_lot_no=f"{n}-1")
    await recall.do("review_scope", "sun.zhao", "recompute", signed=True, reason="又到货")
    assert recall.in_scope() == {f"{n}-1", f"{n}-2"}
    await recall.to_customers()
    await recall.do("follow_up", "sun.zhao", "expand", reason="再核对", form={"identifiers": f"{n}-1"})
    await recall.freeze()
    assert [held(desk, lot) for lot in (f"{n}-1", f"{n}-2")] == [[f"RC-{n} containment!"]] * 2


async def test_a_newer_signed_scope_lets_go_of_what_arrived_and_does_not_belong_to_it(desk: Plant) -> None:
    """A recall of one delivery, for what happened to it here: two sign that the next delivery is none of it."""
    n = fresh()
    await desk.receive(f"{n}-1", supplier_lot_no=f"{n}-Q7")
    recall = Recalling(desk, f"RC-{n}")
    await recall.open(f"{n}-1")
    await desk.receive(f"{n}-2", supplier_lot_no=f"{n}-Q7")
    assert held(desk, f"{n}-2") == [f"RC-{n} containment"]
    await recall.do("review_scope", "sun.zhao", "recompute", signed=True, reason="又到货")
    await recall.freeze()
    assert (held(desk, f"{n}-1"), held(desk, f"{n}-2")) == ([f"RC-{n} containment!"], [])


async def test_a_delivery_and_the_opening_of_a_recall_at_the_same_instant_leave_nothing_free(desk: Plant) -> None:
    for first in orders(often(3, 6)):
        n = fresh()
        await desk.receive(f"{n}-1", supplier_lot_no=f"{n}-Q7")
        arrival, begin = arriving(desk, f"{n}-2", f"{n}-Q7"), opening(desk, f"RC-{n}", f"{n}-Q7")
        done, denied = meet(desk, f"{n}-1", first, ("receive_lot", arrival), ("open_recall", begin))
        assert (len(done), denied) == (2, [])
        assert held(desk, f"{n}-2") == [f"RC-{n} containment"], first


def store(desk: Plant, rows: list[dict[str, Any]]) -> None:
    source = read("company.json", dump(rows))
    with act(desk.engine, importing.actor(source.source, "company.json")) as session:
        importing.load(session, source, "company.json", "digest")


async def test_an_import_that_brings_what_was_made_of_recalled_goods_or_more_of_their_lot_has_it_held(
    desk: Plant,
) -> None:
    rows = company()
    begins = {"company.company", "stock.stocklocation", "part.part", "company.supplierpart"}
    store(desk, [one for one in rows if one["model"] in begins or (one["model"], one["pk"]) == ("stock.stockitem", 1)])
    recall = Recalling(desk, "RC-IMPORT")
    await recall.open("B-1")
    assert recall.in_scope() == {"B-1"}
    store(desk, [*rows, item(9, supplier_part=1, batch="b 1")])
    for lot in ("BO1", "D-1", "b 1"):
        assert held(desk, lot) == ["RC-IMPORT containment"], lot
    await recall.to_customers()
    await recall.refuse("RCL-018", "follow_up", "sun.zhao", "done")
    assert recall.notices() == []
    await recall.do("follow_up", "sun.zhao", "expand", reason="导入", form={"identifiers": "B-1"})
    await recall.to_customers()
    assert [one.lines for one in recall.notices()] == [[{"lot_no": "D-1", "quantity": "1"}]], "who got it is told"


async def test_a_recall_closes_when_somebody_has_decided_about_what_came_back_also_a_drill(desk: Plant) -> None:
    for mode in ("recall", "drill"):
        n = fresh()
        await desk.material(f"{n}-1", 10)
        await desk.ship(f"S-{n}", f"{n}-1", 10)
        recall = Recalling(desk, f"RC-{n}", mode=mode)
        await recall.open(f"{n}-1")
        await recall.to_customers()
        await recall.acknowledge(recall.notices()[0], 10)
        await recall.book(f"{n}-1", "10")
        await recall.do("follow_up", "sun.zhao", "done")
        await recall.refuse("RCL-026", "close", "wu.jingli", "close", signed=True, reason="都回来了")
        await recall.dispose(recall.returns()[0], "scrap", "4")
        await recall.refuse("RCL-026", "close", "wu.jingli", "close", signed=True, reason="都回来了")
        close = "update recall set status = 'closed', closed_at = now() where recall_no = :no"
        assert by_hand(desk, close, no=recall.number) == "BW314"
        await recall.dispose(recall.returns()[0], "rework", "6", "返工")
        await recall.do("close", "wu.jingli", "close", signed=True)


def by_hand(desk: Plant, query: str, *, constraint: str = "arrival_held_wall", **given: object) -> str:
    """Past all of our code, as the application's role, with what is asked at the end asked now; answers the wall's code."""
    with act(desk.engine, SETUP) as session:
        session.connection().execute(text(f"set constraints {constraint} immediate"))
        with pytest.raises(DBAPIError) as info:
            session.connection().execute(text(query), given)
    assert isinstance(info.value.orig, psycopg.Error)
    return str(info.value.orig.sqlstate)


MET = "update recall_deadline set met_at = now() where recall_id = (select id from recall where recall_no = :no) and rule_key = :rule"


async def test_a_legal_clock_is_met_by_what_its_rule_names_and_by_no_hand(desk: Plant) -> None:
    n = fresh()
    await desk.material(f"{n}-1", 10)
    await desk.ship(f"S-{n}", f"{n}-1", 10)
    recall = Recalling(desk, f"RC-{n}")
    await recall.open(f"{n}-1")
    await recall.freeze()
    held_now = "update recall set held_at = now() where recall_no = :no"
    assert by_hand(desk, held_now, no=recall.number, constraint="recall_held_now") == "BW300"
    await recall.do("hold_all", "sun.zhao")
    for step in (None, "notify"):  # before they are told, and while the letters wait to be posted
        if step:
            await recall.do(step, "sun.zhao")
        for rule in ("cn.recall.notify.2", "cn.recall.plan"):
            assert by_hand(desk, MET, no=recall.number, rule=rule, constraint="deadline_met") == "BW297"
    recall.post()
    assert (await recall.file("plan")).data["met"] == ["cn.recall.plan"]
    progress = "cn.recall.progress.2"
    assert by_hand(desk, MET, no=recall.number, rule=progress, constraint="deadline_met") == "BW297"


async def test_an_answer_about_pieces_is_in_whole_pieces(desk: Plant) -> None:
    n = fresh()
    await desk.material(f"{n}-1", 10)
    await desk.ship(f"S-{n}", f"{n}-1", 5)
    recall = Recalling(desk, f"RC-{n}")
    await recall.open(f"{n}-1")
    await recall.to_customers()
    (notice,) = recall.notices()
    for halves in ({"on_hand": "4.5", "used": "0.5"}, {"passed_on": "0.5", "on_hand": "4.5"}):
        with refused(desk.engine, "UNI-005"):
            await recall.acknowledge(notice, 5, **{"will_return": "0", **halves})
    await recall.acknowledge(notice, 5, on_hand="2", will_return="2", passed_on="3")
    with refused(desk.engine, "UNI-005"):
        await recall.name_receivers(notice, confirm=False, 甲="1.5")


LINK = (
    "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, operation_run_id, at, supersedes_id)"
    " select p.id, e.child_lot_id, e.kind, e.quantity, e.uom, e.operation_run_id, e.at, e.id from genealogy_edge e"
    " join lot c on c.id = e.child_lot_id, lot p where c.lot_no = :child and p.lot_no = :parent"
)
BORN = (
    "insert into lot (lot_no, item_id, kind, status, quantity, supplier_id, supplier_lot_no)"
    " select :lot, l.item_id, l.kind, 'received', 0, l.supplier_id, lower(l.supplier_lot_no) from lot l where l.lot_no = :other"
)


async def test_the_database_takes_no_link_and_no_delivery_that_its_recall_does_not_hold(desk: Plant) -> None:
    n = fresh()
    _, batch = await recalled(desk, n)
    assert by_hand(desk, LINK, child=batch, parent=f"{n}-BAD") == "BW311"
    assert by_hand(desk, BORN, lot=f"{n}-NEW", other=f"{n}-BAD") == "BW312"
