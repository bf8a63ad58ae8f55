"""One act of quality holds a batch alone or with everything made of it, says what it can't hold, and is lifted as one (ISO 13485 8.3.1)."""

from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.hold import acts as holding
from models.hold.messages import LiftHoldAct, PlaceHold
from models.hold.rules import Scope
from models.hold.store import reach
from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, reading
from models.process.messages.process import Receipt
from tests.importing.inventree.company import company
from tests.recall.acts.test_joined import store
from tests.support.often import often
from tests.support.plant.correcting import correcting, used
from tests.support.plant.direct import direct, do
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import new, splitting
from tests.support.record import refused
from tests.support.servers.database import TestDatabase
from tests.support.servers.together import split, together

HELD = """
select coalesce(string_agg(l.lot_no, ' ' order by l.lot_no), '') from lot l
 where l.lot_no like :like and exists (select from hold h where h.lot_id = l.id and h.lifted_at is null)
"""
OF_ACT = """
select string_agg(l.lot_no, ' ' order by l.lot_no) from hold h join lot l on l.id = h.lot_id join hold_act a on a.id = h.act_id
 where a.public_id = cast(:act as uuid) and h.lifted_at is null
"""
EDGE = (
    "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, at, source) select p.id, c.id, 'consume', 1,"
    " p.uom, now(), 'batchwright' from lot p, lot c where p.lot_no = :lot and c.lot_no = :child"
)
ACT = "insert into hold_act (scope, named, reason, lots, placed_by_id) select :scope, '[]', 'x', :lots, :by"
NUMBERS = count(1)


def hold(desk: Plant, *lots: str, scope: Scope = Scope.PARTS, reason: str = "原料混批") -> Receipt:
    by = desk.by("wu.jingli")
    command = PlaceHold(command_id=str(uuid4()), by=by, lot_nos=lots, reason=reason, scope=scope)
    return do(desk.engine, "place_hold", command)


def lifting(desk: Plant, hold_act: str, login: str = "wu.jingli") -> LiftHoldAct:
    by = desk.by(login)
    with reading(desk.engine) as session:
        shown = holding.preview_act(session, UUID(hold_act), by.person_id)
    given = desk.proof(shown, by, "已查明")
    return LiftHoldAct(command_id=str(uuid4()), by=by, hold_act=UUID(hold_act), reason="已查明", **given)


async def family(desk: Plant) -> str:
    """A material, a released batch of it of which ten are at the hospital, one that is packed, one on the line."""
    tag = f"RE-{next(NUMBERS)}"
    await desk.material(f"{tag}-R", 200)
    await desk.make(f"{tag}-H", f"{tag}-R", 50)
    await desk.release(f"{tag}-H")
    await desk.ship(f"SH-{tag}", f"{tag}-H", 10)
    await desk.make(f"{tag}-K", f"{tag}-R", 30)
    await desk.order(f"{tag}-L", 40)
    do(desk.engine, "record_operation", consuming(desk, f"{tag}-L", f"{tag}-R", 40))
    return tag


def consuming(desk: Plant, order: str, material: str, quantity: int) -> Any:
    return desk.operation(order, 10, equipment=("M-07",), consumes=({"lot_no": material, "quantity": quantity},))


async def test_everything_made_of_it_is_held_and_what_is_gone_is_listed_with_where_it_is(desk: Plant) -> None:
    tag = await family(desk)
    with reading(desk.engine) as session:
        seen = reach.of(session, [f"{tag}-R"], Scope.PARTS, 100)
    assert (seen.count, seen.held, {one.lot_no for one in seen.lots}) == (4, 0, {f"{tag}-{one}" for one in "RHKL"})
    receipt = hold(desk, f"{tag}-R")
    wanted = (4, 1, 2)
    assert (receipt.data["held"], receipt.data["beyond"], receipt.data["to_pull"]) == wanted
    assert (seen.count, len(seen.beyond), len(seen.errands)) == wanted
    assert desk.scalar(HELD, like=f"{tag}-%") == desk.scalar(OF_ACT, act=receipt.data["hold_act"]) == (
        f"{tag}-H {tag}-K {tag}-L {tag}-R"
    )  # fmt: skip
    [beyond] = desk.scalar(
        "select beyond from hold_act where public_id = cast(:act as uuid)", act=receipt.data["hold_act"]
    )
    assert beyond == {
        "lot_no": f"{tag}-H", "why": "in_transit", "number": f"SH-{tag}", "place": "上海第一医院", "place_en": None,
        "quantity": "10", "uom": "pcs",
    }  # fmt: skip
    with pytest.raises(Refusal, match="LOT-003"):
        await desk.ship(f"SH-{tag}-2", f"{tag}-H", 1)
    now = desk.scalar("select now()")
    finish = desk.operation(f"{tag}-L", 20, produced=40, equipment=("W-03",), started_at=now, finished_at=now)
    with pytest.raises(Refusal, match="LOT-003"):
        do(desk.engine, "record_operation", finish)


async def test_alone_it_says_into_what_it_went_and_holds_what_is_made_of_it_from_then_on(desk: Plant) -> None:
    tag = await family(desk)
    await desk.material(f"{tag}-S", 100)
    await desk.make(f"{tag}-T", f"{tag}-S", 20)
    with reading(desk.engine) as session:
        beyond = reach.of(session, [f"{tag}-R"], Scope.LOT, 100).beyond
    assert {(one.why, one.number, str(one.quantity.normalize())) for one in beyond if one.quantity} == {
        ("made_into", f"{tag}-H", "5E+1"), ("made_into", f"{tag}-K", "3E+1"), ("made_into", f"{tag}-L", "4E+1"),
    }  # fmt: skip
    receipt = hold(desk, f"{tag}-R", scope=Scope.LOT)
    assert desk.scalar(HELD, like=f"{tag}-%") == f"{tag}-R"
    # split off under the hold, and found to be made of it: both are held by the same act
    do(desk.engine, "reshape", splitting(desk, f"{tag}-R", new(f"{tag}-R2", 5)))
    do(desk.engine, "correct_link", correcting(desk, f"{tag}-T", f"{tag}-S", used(f"{tag}-R", 20)))
    assert desk.scalar(OF_ACT, act=receipt.data["hold_act"]) == f"{tag}-R {tag}-R2 {tag}-T"


async def test_all_of_an_act_is_lifted_by_one_signature_and_nothing_else(desk: Plant) -> None:
    tag = await family(desk)
    first, second = hold(desk, f"{tag}-R").data, hold(desk, f"{tag}-H", reason="客户投诉", scope=Scope.LOT).data
    assert desk.scalar("select count(*) from human_task t join lot l on l.id = t.lot_id where t.process = 'pull-held'"
                       " and t.status = 'open' and l.lot_no like :like", like=f"{tag}-%") == 2  # fmt: skip
    # one of them alone, as before
    own = desk.scalar(
        "select h.public_id::text from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot", lot=f"{tag}-K"
    )
    do(desk.engine, "lift_hold", desk.lifting(own))
    command, stale = lifting(desk, first["hold_act"]), lifting(desk, first["hold_act"])
    with refused(desk.engine, "AUTH-005"):
        do(desk.engine, "lift_hold_act", command.model_copy(update={"by": desk.by("li.cang")}))
    with refused(desk.engine, "SIG-001"):
        do(desk.engine, "lift_hold_act", command.model_copy(update={"hold_act": UUID(second["hold_act"])}))
    receipt = do(desk.engine, "lift_hold_act", command)
    assert (receipt.data["lifted"], receipt.data["free"]) == (3, 2)
    assert desk.scalar(HELD, like=f"{tag}-%") == f"{tag}-H"
    assert desk.scalar("select count(*) from human_task t join lot l on l.id = t.lot_id where t.process = 'pull-held'"
                       " and t.status = 'open' and l.lot_no like :like", like=f"{tag}-%") == 0  # fmt: skip
    with refused(desk.engine, "HLD-012"):
        do(desk.engine, "lift_hold_act", stale)
    with refused(desk.engine, "HLD-011"):
        do(desk.engine, "lift_hold_act", stale.model_copy(update={"hold_act": uuid4()}))


async def test_an_import_that_brings_what_was_made_of_held_goods_has_it_held(fresh_database: TestDatabase) -> None:
    desk, rows = direct(fresh_database.engine), company()
    begins = {"company.company", "stock.stocklocation", "part.part", "company.supplierpart"}
    store(desk, [one for one in rows if one["model"] in begins or (one["model"], one["pk"]) == ("stock.stockitem", 1)])
    receipt = hold(desk, "B-1", scope=Scope.LOT)
    store(desk, rows)
    assert desk.scalar(OF_ACT, act=receipt.data["hold_act"]).split() == ["B-1", "B-1-R", "BO1", "D-1"]


async def test_what_is_made_at_the_same_instant_is_held_or_not_made(desk: Plant) -> None:
    """Ten times: a hold of the material with everything made of it, while some is used, split off and sent to another batch."""
    for _ in range(often(2, 10)):
        tag = f"RC-{next(NUMBERS)}"
        await desk.material(f"{tag}-R", 100)
        await desk.order(f"{tag}-A", 10)
        await desk.order(f"{tag}-B", 10)
        done, denied = split(
            together(
                partial(do, desk.engine, "record_operation", consuming(desk, f"{tag}-A", f"{tag}-R", 10)),
                partial(hold, desk, f"{tag}-R"),
                partial(do, desk.engine, "record_operation", consuming(desk, f"{tag}-B", f"{tag}-R", 10)),
                partial(do, desk.engine, "reshape", splitting(desk, f"{tag}-R", new(f"{tag}-S", 5))),
            )
        )
        assert {one.code for one in denied} <= {"LOT-003"}, denied
        assert any(one.act == "place_hold" for one in done)
        assert desk.scalar(
            "select count(*) from genealogy_edge e join lot p on p.id = e.parent_lot_id where p.lot_no = :lot"
            " and not exists (select from hold h where h.lot_id = e.child_lot_id and h.lifted_at is null)", lot=f"{tag}-R",
        ) == 0  # fmt: skip


def by_hand(desk: Plant, *statements: tuple[str, dict[str, Any]]) -> str:
    """Past all of our code, as the application's role in a person's name; answers the wall's code."""
    by = desk.by("wu.jingli")
    with act(desk.engine, Actor(by.actor_id, by.name, "test")) as session:
        for query, given in statements[:-1]:
            session.connection().execute(text(query), given)
        query, given = statements[-1]
        with pytest.raises(DBAPIError) as info:
            session.connection().execute(text(query), given)
        session.rollback()
    assert isinstance(info.value.orig, psycopg.Error)
    return str(info.value.orig.sqlstate)


async def test_the_database_leaves_nothing_free_that_is_made_of_held_goods(desk: Plant) -> None:
    tag = await family(desk)
    await desk.material(f"{tag}-F", 10)
    hold(desk, f"{tag}-R", scope=Scope.LOT)
    now_checked: tuple[str, dict[str, Any]] = ("set constraints child_held_wall immediate", {})
    assert by_hand(desk, now_checked, (EDGE, {"lot": f"{tag}-R", "child": f"{tag}-F"})) == "BW390"
    key = desk.by("wu.jingli").person_id
    act_ = (ACT, {"scope": "parts", "lots": 1, "by": key})
    wrong: tuple[str, dict[str, Any]] = ("set constraints hold_act_reaches immediate", {})
    assert by_hand(desk, wrong, act_) == "BW391"
    query = (
        "insert into hold (lot_id, act_id, reason, placed_by_id) select l.id, (select max(id) from hold_act), 'x', :by from lot l"
        " where l.lot_no = :lot"
    )
    # as many as it says, and not all of the family
    placed = (query, {"lot": f"{tag}-R", "by": key})
    assert by_hand(desk, act_, placed, ("set constraints hold_act_reaches immediate", {})) == "BW391"
    moved = "update hold set act_id = (select min(id) from hold_act) where act_id = (select max(id) from hold_act)"
    assert by_hand(desk, (moved, {})) == "BW035"
    other = (
        "update hold h set lifted_at = now(), lifted_by_id = s.person_id, lift_reason = 'x', lift_signature_id = s.id"
        " from signature s where s.act = 'lift_hold_act' and h.act_id = (select max(id) from hold_act)"
    )
    assert by_hand(desk, (other, {})) == "BW037"
