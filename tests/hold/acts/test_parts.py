"""So much of a batch is held at one place, and the rest of it goes on (ISO 13485 8.3.1): what is refused, who comes first, how it ends."""

from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.hold import acts as holding
from models.hold.messages import LiftHoldAct, LiftHoldPart, PlaceHold
from models.hold.rules import Scope
from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, reading
from models.lot.store import lots
from models.nonconformance.messages import RaiseNonconformance
from models.process.messages.process import Receipt
from models.process.tables.process import HumanTask
from models.pull import store as pulls
from models.release.store.batch_record import build
from models.shipment.messages import Ship, ShipLine
from models.stock.messages import MoveStock
from models.stock.store import stock
from tests.support.often import often
from tests.support.plant.direct import do
from tests.support.plant.packing import packing, some
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.reshaping import merging, new, splitting
from tests.support.record import refused
from tests.support.servers.together import in_line, orders, split, together

HELD = """
select coalesce(string_agg(o.code || ' ' || trim_scale(p.quantity), ', ' order by o.code, p.quantity), '') from hold_part p
  join lot l on l.id = p.lot_id join location o on o.id = p.location_id where l.lot_no = :lot and p.ended_at is null
"""
PARTS = """
select coalesce(array_agg(p.public_id::text order by p.id), '{}') from hold_part p join lot l on l.id = p.lot_id
 where l.lot_no = :lot and p.ended_at is null
"""
TASKS = """
select coalesce(string_agg(p.place || ' ' || trim_scale(p.quantity) || ' ' || r.status, ', ' order by p.id), '') from recall_pull p
  join process_run r on r.id = p.run_id join hold_act a on a.id = p.hold_act_id where a.named ? :lot
"""
NUMBERS = count(1)


def hold(desk: Plant, lot: str | tuple[str, ...], quantity: Any, place: str | None = "FG-A1", **more: Any) -> Receipt:
    much = None if quantity is None else Decimal(str(quantity))
    given = {"reason": "一箱受潮", "scope": Scope.PLACE, "location": place, "quantity": much, **more}
    named = (lot,) if isinstance(lot, str) else lot
    command = PlaceHold(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_nos=named, **given)
    return do(desk.engine, "place_hold", command)


def lifting(desk: Plant, part: str, quantity: Any = None, login: str = "wu.jingli") -> LiftHoldPart:
    by, much = desk.by(login), None if quantity is None else Decimal(str(quantity))
    with reading(desk.engine) as session:
        shown = holding.preview_part(session, UUID(part), much, by.person_id)
    given = desk.proof(shown, by, "已查明")
    return LiftHoldPart(command_id=str(uuid4()), by=by, part=UUID(part), quantity=much, reason="已查明", **given)


def moving(desk: Plant, lot: str, to: str, source: str | None = "FG-A1", **more: Any) -> MoveStock:
    by = desk.by("li.cang")
    return MoveStock(command_id=str(uuid4()), by=by, lot_no=lot, source=source, to=to, reason="隔离", **more)


def shipping(desk: Plant, lot: str, quantity: Any) -> Ship:
    line = ShipLine(lot_no=lot, quantity=Decimal(str(quantity)))
    number = f"SH-P-{next(NUMBERS)}"
    return Ship(command_id=str(uuid4()), by=desk.by("li.cang"), shipment_no=number, customer_no="C-1", lines=(line,))


def ship(desk: Plant, lot: str, quantity: Any) -> Receipt:
    return do(desk.engine, "ship", shipping(desk, lot, quantity))


async def released(desk: Plant, quantity: int = 50) -> str:
    """A released batch of so many pieces at FG-A1."""
    tag = f"HPA-{next(NUMBERS)}"
    await desk.material(f"{tag}-R", quantity)
    await desk.make(tag, f"{tag}-R", quantity)
    await desk.release(tag)
    return tag


def free(desk: Plant, lot: str) -> int:
    with reading(desk.engine) as session:
        return int(sum(one.quantity for one in stock.places(session, lots.get(session, lot).id)))


async def test_what_is_held_stays_and_the_rest_goes_on_until_a_signature_lets_it_go(desk: Plant) -> None:
    lot = await released(desk)
    other, done = await released(desk, 5), hold(desk, lot, 20).data
    assert (done["held"], done["to_pull"], done["broken"], desk.scalar(HELD, lot=lot)) == (1, 0, 0, "FG-A1 20")
    commands: tuple[tuple[str, Any], ...] = (
        ("ship", shipping(desk, lot, 31)),
        ("stock", moving(desk, lot, "QA-01", quantity=Decimal(31))),
        ("pack", packing(desk, f"C-{lot}", some(lot, 31))),
        ("reshape", splitting(desk, lot, new(f"{lot}-S", 31))),
        ("reshape", merging(desk, f"{lot}-M", lot, other)),
    )
    for door, one in commands:
        with refused(
            desk.engine, "STK-009", 409, zh="另有 20 pcs 冻结在 FG-A1：一箱受潮", en="20 pcs more are held at FG-A1"
        ):
            do(desk.engine, door, one)
    with refused(desk.engine, "PLC-001", en="it is on hold"):
        do(desk.engine, "stock", moving(desk, lot, "RM-A1", part=UUID(done["part"])))
    with refused(desk.engine, "HLD-018"):  # it is held elsewhere
        do(desk.engine, "stock", moving(desk, lot, "QA-01", "RM-A1", part=UUID(done["part"])))
    with refused(desk.engine, "PLC-006"):
        do(desk.engine, "stock", moving(desk, lot, "QA-01", None))
    ship(desk, lot, 10)
    do(desk.engine, "reshape", splitting(desk, lot, new(f"{lot}-S", 5)))
    assert desk.scalar(HELD, lot=f"{lot}-S") == ""
    do(desk.engine, "stock", moving(desk, lot, "QA-01"))  # all that is free
    assert (free(desk, lot), desk.scalar(HELD, lot=lot)) == (15, "FG-A1 20")
    # so much of it first, the rest afterwards
    with refused(desk.engine, "HLD-019"):
        lifting(desk, done["part"], 21)
    with refused(desk.engine, "AUTH-005"):
        lifting(desk, done["part"], login="li.cang")
    command = lifting(desk, done["part"], 8)
    with refused(desk.engine, "SIG-004"):  # signed on eight, sent for all of it
        do(desk.engine, "lift_hold_part", command.model_copy(update={"quantity": None}))
    some_of_it = do(desk.engine, "lift_hold_part", command).data
    assert (some_of_it["lifted"], some_of_it["left"]) == ("8", "12")
    with refused(desk.engine, "HLD-018"):
        do(desk.engine, "lift_hold_part", command)
    rest = desk.scalar("select public_id::text from hold_part where ended_at is null and act_id = (select id from hold_act"
                       " where public_id = cast(:act as uuid))", act=done["hold_act"])  # fmt: skip
    with refused(desk.engine, "HLD-020"):
        given = {"hold_act": UUID(done["hold_act"]), "reason": "x"}
        do(desk.engine, "lift_hold_act", LiftHoldAct(command_id=str(uuid4()), by=desk.by("wu.jingli"), **given))
    do(desk.engine, "lift_hold_part", lifting(desk, rest))
    assert (free(desk, lot), desk.scalar(HELD, lot=lot)) == (35, "")
    ship(desk, lot, 20)
    told = desk.scalar("select string_agg(fact, ' ' order by f.id) from lot_fact f join lot l on l.id = f.lot_id"
                       " where l.lot_no = :lot and fact like 'lot.part%'", lot=lot)  # fmt: skip
    assert told == "lot.part_held lot.part_lifted lot.part_lifted"


async def test_what_can_not_be_held_is_refused_with_why(desk: Plant) -> None:
    lot = await released(desk)
    do(desk.engine, "pack", packing(desk, f"C-{lot}", some(lot, 5)))
    hold(desk, lot, 10)
    for code, given in (
        ("HLD-017", (0,)),
        ("HLD-017", (-1,)),
        ("HLD-013", (None,)),
        ("HLD-013", (1, None)),
        ("HLD-013", (1, "")),
        ("HLD-014", (1, "RM-A1")),
        ("HLD-015", (36,)),
        ("HLD-015", ("99999999999999",)),
        ("UNI-005", ("0.5",)),
        ("STK-003", (1, "没有这个库位")),
    ):
        with refused(desk.engine, code):
            hold(desk, lot, *given)
    with refused(desk.engine, "UNI-002"):
        hold(desk, lot, 1, uom="kg")
    with refused(desk.engine, "HLD-013"):
        hold(desk, (lot, f"{lot}-R"), 1)
    with refused(desk.engine, "HLD-013"):
        hold(desk, lot, 1, scope=Scope.LOT)
    with refused(desk.engine, "HLD-001"):
        hold(desk, lot, 1, reason="  ")
    hold(desk, lot, 35)
    assert desk.scalar(HELD, lot=lot) == "FG-A1 10, FG-A1 35"
    whole = PlaceHold(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_nos=(lot,), reason="整批")
    do(desk.engine, "place_hold", whole)
    with refused(desk.engine, "HLD-016"):
        hold(desk, lot, 1)


async def test_it_is_sent_for_where_it_is_not_on_a_shelf_and_stays_held_where_it_is_brought(desk: Plant) -> None:
    tag = f"HPA-{next(NUMBERS)}"
    await desk.material(f"{tag}-R", 50)
    await desk.make(tag, f"{tag}-R", 50)  # lies in clean room 2
    first, second = hold(desk, tag, 20, "CR-2").data, hold(desk, tag, 5, "CR-2").data
    assert (first["to_pull"], second["to_pull"]) == (1, 1)
    assert desk.scalar(TASKS, lot=tag) == "CR-2 20 running, CR-2 5 running"
    with refused(desk.engine, "PLC-001"):
        do(desk.engine, "stock", moving(desk, tag, "RM-A1", "CR-2", part=UUID(second["part"])))
    with refused(desk.engine, "HLD-019"):
        do(desk.engine, "stock", moving(desk, tag, "QA-01", "CR-2", part=UUID(second["part"]), quantity=Decimal(6)))
    do(desk.engine, "stock", moving(desk, tag, "QA-01", None, part=UUID(second["part"]), quantity=Decimal(2)))
    assert desk.scalar(HELD, lot=tag) == "CR-2 3, CR-2 20, QA-01 2"
    # five of what somebody was sent for are let go: fifteen are to be there
    do(desk.engine, "lift_hold_part", lifting(desk, first["part"], 5))
    task = desk.scalar("select t.id from human_task t join recall_pull p on p.run_id = t.run_id join hold_act a on"
                       " a.id = p.hold_act_id where a.public_id = cast(:act as uuid)", act=first["hold_act"])  # fmt: skip
    with reading(desk.engine) as session:
        row = session.get_one(HumanTask, task)
        shown = pulls.of_task(session, row.run_id)
    assert (int(shown.quantity), shown.lines) == (15, ({"lot_no": tag, "quantity": "15"},))
    more = {"location": "QA-01"}
    with refused(desk.engine, "PUL-001", zh="账面 15 pcs，找到 20 pcs"):
        sent = desk.completion(row, desk.by("li.cang"), signed=False, form={"found": "20", **more})
        do(desk.engine, "complete_task", sent)
    form = {"found": "13", "note": "少两件", **more}
    do(desk.engine, "complete_task", desk.completion(row, desk.by("li.cang"), signed=False, form=form))
    assert desk.scalar(HELD, lot=tag) == "CR-2 2, CR-2 3, QA-01 2, QA-01 13"
    assert free(desk, tag) == 30
    # nothing of the second act is held any more: nobody is sent for it
    for part in desk.scalar("select array_agg(p.public_id::text) from hold_part p join hold_act a on a.id = p.act_id where"
                            " a.public_id = cast(:act as uuid) and p.ended_at is null", act=second["hold_act"]):  # fmt: skip
        do(desk.engine, "lift_hold_part", lifting(desk, part))
    assert desk.scalar(TASKS, lot=tag) == "CR-2 20 completed, CR-2 5 cancelled"
    # the release decides about the rest and says why
    with reading(desk.engine) as session:
        seen = [one.quantity for one in build(session, lots.get(session, tag)).parts]
    assert seen == ["2", "13"]
    with pytest.raises(Refusal, match="REL-002"):
        await desk.complete(tag, "review", "zhou.shen", "release")
    for stage, login in (("review", "zhou.shen"), ("approve", "chen.pi")):
        await desk.complete(tag, stage, login, "release", reason="其余无影响")
    await desk.complete(tag, "putaway", "li.cang", signed=False, form={"location": "FG-A1"})
    assert desk.scalar(HELD, lot=tag) == "CR-2 2, QA-01 13"
    ship(desk, tag, 35)
    with refused(desk.engine, "STK-009"):
        ship(desk, tag, 1)


async def test_the_promises_that_nothing_is_left_for_are_kept_with_the_act(desk: Plant) -> None:
    lot = await released(desk)
    with act(desk.engine, SETUP) as session:
        for number, much in (("P1", 15), ("P2", 25), ("P3", 8)):
            session.connection().execute(
                text(
                    "with s as (insert into shipment (shipment_no, customer_id, status) select :no, min(id), 'planned' from customer"
                    " returning id) insert into shipment_line (shipment_id, lot_id, quantity) select s.id, l.id, :much from s, lot l"
                    " where l.lot_no = :lot"
                ),
                {"no": f"{lot}-{number}", "much": much, "lot": lot},
            )
    done = hold(desk, lot, 20).data
    assert done["broken"] == 2
    kept = desk.scalar("select broken from hold_act where public_id = cast(:act as uuid)", act=done["hold_act"])
    assert [(one["shipment_no"], one["lacking"]) for one in kept] == [(f"{lot}-P2", "10"), (f"{lot}-P3", "8")]


async def test_a_finding_that_names_how_much_and_where_holds_that_and_nothing_else(desk: Plant) -> None:
    lot = await released(desk)
    by = desk.by("li.cang")
    given = {"title": "外箱破损", "lot_no": lot, "quantity": Decimal(6), "location": "FG-A1"}
    found = do(desk.engine, "raise_nonconformance", RaiseNonconformance(command_id=str(uuid4()), by=by, **given)).data
    assert (desk.scalar(HELD, lot=lot), free(desk, lot), bool(found["hold"])) == ("FG-A1 6", 44, True)
    more = given | {"quantity": Decimal(45)}  # the books have less there: all of the batch is held
    do(desk.engine, "raise_nonconformance", RaiseNonconformance(command_id=str(uuid4()), by=by, **more))
    with refused(desk.engine, "LOT-003"):
        ship(desk, lot, 1)


async def test_of_two_at_once_one_is_first_and_the_other_sees_it(desk: Plant) -> None:
    """A hold against a shipment, against another hold; lifting against packing, and twice: in either order never more than there is."""
    lot = await released(desk, 60)
    for first in orders(often(3, 60)):
        for other in (ship, hold):
            acts = [partial(hold, desk, lot, 30), partial(other, desk, lot, 31)]
            if first is None:
                done, denied = split(together(*acts))
            else:
                done, denied = split(in_line(desk.engine, lot, *acts[first:], *acts[:first]))
            assert len(done) == len(denied) == 1
            assert denied[0].code in {"STK-009", "HLD-015"}, denied
            for part in desk.scalar(PARTS, lot=lot):
                do(desk.engine, "lift_hold_part", lifting(desk, part))
            lot = lot if free(desk, lot) == 60 else await released(desk, 60)
    part = hold(desk, lot, 40).data["part"]
    lift, again = lifting(desk, part), lifting(desk, part, 5)
    pack = packing(desk, f"C-{lot}", some(lot, 50))
    acts = [partial(do, desk.engine, "pack", pack), partial(do, desk.engine, "lift_hold_part", lift)]
    done, denied = split(in_line(desk.engine, lot, *acts))
    assert ([one.act for one in done], [one.code for one in denied]) == (["lift_hold_part"], ["STK-009"])
    with refused(desk.engine, "HLD-018"):
        do(desk.engine, "lift_hold_part", again)
    part = hold(desk, lot, 40).data["part"]
    both = [partial(do, desk.engine, "lift_hold_part", lifting(desk, part)), partial(do, desk.engine, "pack", pack)]
    done, denied = split(in_line(desk.engine, lot, *both))
    assert [one.act for one in done] == ["lift_hold_part", "pack_unit"]
    assert not denied


def by_hand(desk: Plant, *statements: str, **given: Any) -> str:
    """Past all of our code, as the application's role in a person's name; answers the wall's code."""
    by = desk.by("wu.jingli")
    with act(desk.engine, Actor(by.actor_id, by.name, "test")) as session:
        with pytest.raises(DBAPIError) as info:  # noqa: PT012 - whichever of them it is
            for query in (*statements, "set constraints all immediate"):
                session.connection().execute(text(query), {"by": by.person_id, **given})
        session.rollback()
    assert isinstance(info.value.orig, psycopg.Error)
    return str(info.value.orig.sqlstate)


async def test_the_database_keeps_what_is_held_where_it_is(desk: Plant) -> None:
    lot = await released(desk)
    act_ = "insert into hold_act (scope, named, reason, lots, placed_by_id) select {scope}, jsonb_build_array(cast(:lot as text)), 'x', 1, :by"
    new_act = act_.format(scope="'place'")
    insert = (
        "insert into hold_part (act_id, lot_id, location_id, quantity) select (select max(id) from hold_act), l.id, o.id, {much}"
        " from lot l, location o where l.lot_no = :lot and o.code = 'FG-A1'"
    )
    assert by_hand(desk, new_act, lot=lot) == "BW391"
    assert by_hand(desk, act_.format(scope="'lot'"), insert.format(much=1), lot=lot) == "BW388"
    assert by_hand(desk, new_act, insert.format(much=51), lot=lot) == "BW389"
    part = hold(desk, lot, 20).data["part"]
    assert by_hand(desk, insert.format(much=1), lot=lot) == "BW388"  # its act has said what it holds
    move = (
        "insert into stock_movement (lot_id, kind, from_location_id, to_location_id, quantity, reason) select l.id, 'move', o.id, t.id, 31, 'x'"
        " from lot l, location o, location t where l.lot_no = :lot and o.code = 'FG-A1' and t.code = 'QA-01'"
    )
    assert by_hand(desk, move, lot=lot) == "BW389"
    packed = (
        "insert into packed_content (unit_id, lot_id, quantity, packed_by_id) select u.id, l.id, 31, :by from logistic_unit u, lot l"
        " where u.unit_no = :unit and l.lot_no = :lot"
    )
    do(desk.engine, "pack", packing(desk, f"C-{lot}", some(lot, 1)))
    assert by_hand(desk, packed.replace("31", "30"), lot=lot, unit=f"C-{lot}") == "BW117"
    change = "update hold_part set {what} where public_id = cast(:part as uuid)"
    end = change.replace(
        "{what}", "lifted = {lifted}, ended_at = now(), ended_by_id = :by, end_reason = 'x', signature_id = {sign}"
    )
    assert by_hand(desk, change.format(what="quantity = 1"), part=part) == "BW392"
    assert by_hand(desk, end.format(lifted=0, sign="null"), part=part) == "BW393"
    other = "(select max(s.id) from signature s)"
    assert by_hand(desk, end.format(lifted=20, sign=other), part=part) == "BW394"
    follow = (
        "insert into hold_part (act_id, lot_id, location_id, quantity, from_id) select p.act_id, p.lot_id, o.id, 20, p.id"
        " from hold_part p, location o where p.public_id = cast(:part as uuid) and o.code = '{place}'"
    )
    assert by_hand(desk, follow.format(place="FG-A1"), part=part) == "BW388"  # nothing has ended
    ended = end.format(lifted=0, sign="null")
    assert by_hand(desk, ended, follow.format(place="RM-A1"), part=part) == "BW395"
    do(desk.engine, "lift_hold_part", lifting(desk, part))
    assert by_hand(desk, change.format(what="end_reason = 'y'"), part=part) == "BW392"
    whole = PlaceHold(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_nos=(lot,), reason="整批")
    do(desk.engine, "place_hold", whole)
    assert by_hand(desk, new_act, insert.format(much=1), lot=lot) == "BW388"
