"""What a held batch may go through: each act under each kind of hold gives what the table says (REQUIREMENTS 5, 74).

ISO 13485 8.3.1, 8.3.3; 21 CFR 7.46.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given as given_
from hypothesis import strategies as some
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models.messages.packing import PackLine, PackUnit, UnpackUnit
from models.messages.process import (
    BookReturn,
    DisposeReturn,
    MeasuredValue,
    RecordResults,
    ReturnedLine,
    Ship,
    ShipLine,
)
from models.messages.seal import sealed
from models.messages.stock import MoveStock, RegisterSerials
from models.rules.holds import STRENGTH, HoldKind, OpenHold
from models.rules.refusals import Refusal
from models.rules.under_hold import ALLOWED, Act, allows, check, left
from models.store.act import act, now
from models.store.acts import permits
from tests.support.correcting import correcting, used
from tests.support.direct import ACTS, do
from tests.support.plant import SETUP, Plant
from tests.support.recalling import Recalling
from tests.support.reshaping import merging, new, proposing, repacking, splitting

Command = tuple[str, Any]
Making = Callable[[Plant, str], Awaitable[Command]]
CAUSE = {
    HoldKind.QUALITY: "manual",
    HoldKind.RELEASE: "release",
    HoldKind.CONTAINMENT: "containment",
    HoldKind.RECALL: "recall",
}
HOLD = text("""
insert into hold (lot_id, reason, cause, placed_by_id, placed_at, recall_id, run_id)
select l.id, '事由', :cause, :person, :at,
       case when :cause in ('containment', 'recall') then (select max(id) from recall) end,
       case when :cause = 'release' then (select max(id) from process_run) end
  from lot l where l.lot_no = :lot
""")
REFUSED = {"LOT-003", "RCR-011"}


class UndoneError(Exception):
    """The transaction is given up, whatever it did."""


def given(desk: Plant, login: str = "li.cang") -> dict[str, Any]:
    return {"command_id": str(uuid4()), "by": desk.by(login)}


async def book(desk: Plant, lot: str, *, booked: bool = False) -> Recalling:
    await desk.material(lot)
    await desk.ship(f"{lot}-S", lot, 5)
    recall = Recalling(desk, f"{lot}-RC")
    await recall.open(lot)
    await recall.to_customers()
    if booked:
        await recall.book(lot, "5")
    return recall


async def consume(desk: Plant, lot: str) -> Command:
    await desk.material(lot)
    await desk.order(f"{lot}-P")
    consumes = ({"lot_no": lot, "quantity": 5},)
    return "record_operation", desk.operation(f"{lot}-P", 10, equipment=("M-07",), consumes=consumes)


async def operate(desk: Plant, lot: str) -> Command:
    await desk.material(f"{lot}-M")
    await desk.order(lot)
    consumes = ({"lot_no": f"{lot}-M", "quantity": 5},)
    return "record_operation", desk.operation(lot, 10, equipment=("M-07",), consumes=consumes)


async def inspect(desk: Plant, lot: str) -> Command:
    await desk.receive(lot)
    values = (MeasuredValue(characteristic=1, sample_no=1, passed=True),)
    task = UUID(str(desk.task(lot, "inspect").public_id))
    return "record_results", RecordResults(**given(desk, "lin.jian"), task_id=task, values=values)


async def release(desk: Plant, lot: str) -> Command:
    await desk.receive(lot)
    await desk.measure(lot)
    return "complete_task", desk.completion(desk.task(lot, "inspect"), desk.by("lin.jian"), "accepted")


async def put_away(desk: Plant, lot: str) -> Command:
    await desk.receive(lot)
    await desk.measure(lot)
    await desk.complete(lot, "inspect", "lin.jian", "accepted")
    task = desk.task(lot, "putaway")
    return "complete_task", desk.completion(task, desk.by("li.cang"), signed=False, form={"location": "QA-01"})


async def packaging(desk: Plant, lot: str) -> Command:
    name, begin = await operate(desk, lot)
    do(desk.engine, name, begin)
    readings = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
    finish = desk.operation(lot, 20, environment=readings, produced=5, scrapped=45, equipment=("W-03",))
    do(desk.engine, "record_operation", finish)
    await desk.measure(lot)
    await desk.complete(lot, "inspect", "lin.jian", "accepted")
    labels = {"labels_printed": 5, "labels_applied": 5, "labels_scrapped": 0}
    form = {"packed_quantity": "5", "samples_kept": "0", **labels}
    return "complete_task", desk.completion(desk.task(lot, "packaging"), desk.by("wang.cao"), signed=False, form=form)


async def pack(desk: Plant, lot: str) -> Command:
    await desk.material(lot)
    line = (PackLine(lot_no=lot, quantity=Decimal(2)),)
    return "pack", PackUnit(**given(desk), unit_no=f"{lot}-BOX", unit_kind="case", location="RM-A1", contents=line)


async def unpack(desk: Plant, lot: str) -> Command:
    name, command = await pack(desk, lot)
    do(desk.engine, name, command)
    return "pack", UnpackUnit(**given(desk), unit_no=f"{lot}-BOX")


async def label(desk: Plant, lot: str) -> Command:
    await desk.material(lot, 2)
    return "stock", RegisterSerials(**given(desk), lot_no=lot, serials=(f"{lot}-1", f"{lot}-2"))


async def move(desk: Plant, lot: str) -> Command:
    await desk.material(lot)
    return "stock", MoveStock(**given(desk), lot_no=lot, source="RM-A1", to="QA-01", reason="隔离")


async def split(desk: Plant, lot: str) -> Command:
    await desk.material(lot)
    return "reshape", splitting(desk, lot, new(f"{lot}-A", 5))


async def merge(desk: Plant, lot: str) -> Command:
    await desk.material(lot)
    await desk.material(f"{lot}-B")
    return "reshape", merging(desk, f"{lot}-AB", lot, f"{lot}-B")


async def repack(desk: Plant, lot: str) -> Command:
    await desk.material(lot)
    return "reshape", repacking(desk, lot, 20, f"{lot}-X", 2)


async def dispose(desk: Plant, lot: str) -> Command:
    await desk.material(lot)
    return "reshape", proposing(desk, lot, new(f"{lot}-NG", 5))


async def ship(desk: Plant, lot: str) -> Command:
    await desk.material(lot)
    lines = (ShipLine(lot_no=lot, quantity=Decimal(1)),)
    return "ship", Ship(**given(desk), shipment_no=f"{lot}-S", customer_no="C-1", lines=lines)


async def correct(desk: Plant, lot: str) -> Command:
    name, begin = await operate(desk, lot)
    do(desk.engine, name, begin)
    await desk.material(f"{lot}-N")
    return "correct_link", correcting(desk, lot, f"{lot}-M", used(f"{lot}-N", 5))


async def book_return(desk: Plant, lot: str) -> Command:
    recall = await book(desk, lot)
    lines = (ReturnedLine(lot_no=lot, quantity=Decimal(1)),)
    more = {"recall_no": recall.number, "customer_no": "C-1", "location": "RCV-01", "lines": lines}
    with act(desk.engine, SETUP) as session:
        return "book_return", BookReturn(**given(desk), **more, received_at=now(session))


def deciding(kind: str) -> Making:
    async def made(desk: Plant, lot: str) -> Command:
        [row] = (await book(desk, lot, booked=True)).returns()
        more = {"returned": UUID(str(row.id)), "kind": kind, "quantity": Decimal(1), "reason": "处置"}
        return "dispose_return", DisposeReturn(**given(desk, "wu.jingli"), **more)

    return made


DOING: list[tuple[Act, Making]] = [
    (Act.BOOK_RETURN, book_return),
    (Act.CONSUME, consume),
    (Act.CORRECT, correct),
    (Act.DISPOSE, dispose),
    (Act.INSPECT, inspect),
    (Act.LABEL, label),
    (Act.MERGE, merge),
    (Act.MOVE, move),
    (Act.OPERATE, operate),
    (Act.PACK, pack),
    (Act.PACK, packaging),
    (Act.PUT_AWAY, put_away),
    (Act.RELEASE, release),
    (Act.REPACK, repack),
    (Act.RESTOCK, deciding("restock")),
    (Act.SCRAP_RETURN, deciding("scrap")),
    (Act.SHIP, ship),
    (Act.SPLIT, split),
    (Act.UNPACK, unpack),
]


def outcome(
    desk: Plant, lot: str, kind: HoldKind | None, name: str, command: Any, ago: timedelta = timedelta(hours=2)
) -> str | None:
    """The code of what is refused, None where the act happens; nothing of it stays."""
    try:
        with act(desk.engine, SETUP) as session:
            if kind is not None:
                held(desk, session, lot, kind, ago)
            permits.permitted(session, sealed(command), ACTS[name], now(session))
            give_up()
    except UndoneError:
        return None
    except Refusal as refusal:
        return refusal.code


def held(desk: Plant, session: Session, lot: str, kind: HoldKind, ago: timedelta) -> None:
    person = desk.by("wu.jingli").person_id
    at = now(session) - ago
    session.connection().execute(HOLD, {"cause": CAUSE[kind], "lot": lot, "person": person, "at": at})


def give_up() -> None:
    raise UndoneError


def walled(desk: Plant, lot: str, query: str) -> str | None:
    """The code of the database's refusal, past all of our code."""
    code = None
    with suppress(UndoneError), act(desk.engine, SETUP) as session:
        held(desk, session, lot, HoldKind.RECALL, timedelta(hours=2))
        try:
            session.connection().execute(text(query), {"lot": lot})
        except DBAPIError as error:
            code = getattr(error.orig, "sqlstate", None)
        give_up()
    return code


def test_every_act_of_the_table_is_tried() -> None:
    assert {one for one, _ in DOING} == set(Act)


@pytest.mark.parametrize(("what", "making"), DOING, ids=[f"{one}-{number}" for number, (one, _) in enumerate(DOING)])
async def test_an_act_on_a_held_batch_gives_what_the_table_says(desk: Plant, what: Act, making: Making) -> None:
    lot = f"U-{uuid4().hex[:8].upper()}"
    name, command = await making(desk, lot)
    await desk.material(f"{lot}-ANY")
    await Recalling(desk, f"{lot}-ANY-RC").open(f"{lot}-ANY")  # some recall to hold by
    if what is not Act.RESTOCK:  # goods that come back are held by their recall already
        assert outcome(desk, lot, None, name, command) is None
    for kind in HoldKind:
        code = outcome(desk, lot, kind, name, command)
        assert (code is None) is (what in ALLOWED[kind]), (kind, code)
        assert code is None or code in REFUSED, (kind, code)


async def test_work_that_was_done_before_the_hold_is_written_down_and_work_after_it_is_refused(desk: Plant) -> None:
    lot = "U-BEFORE"
    name, command = await operate(desk, lot)
    assert outcome(desk, lot, HoldKind.QUALITY, name, command, timedelta(0)) is None
    late = command.model_copy(update={"started_at": command.started_at - timedelta(hours=1)})
    assert outcome(desk, lot, HoldKind.QUALITY, name, late) == "LOT-003"


@given_(some.lists(some.tuples(some.sampled_from(HoldKind), some.text(max_size=5)), max_size=5), some.sampled_from(Act))
def test_one_hold_that_forbids_is_enough_and_the_strongest_of_them_is_named(
    found: list[tuple[HoldKind, str]], what: Act
) -> None:
    holds = [OpenHold(kind, reason) for kind, reason in found]
    forbidding = [one for one in holds if what not in ALLOWED[one.kind]]
    assert allows(holds, what) is not bool(forbidding)
    assert (what in left(holds)) is not bool(forbidding)
    if not forbidding:
        check(what, "L", holds)
        return
    with pytest.raises(Refusal) as info:
        check(what, "L", holds)
    named = {one.reason for one in forbidding if STRENGTH[one.kind] == max(STRENGTH[each.kind] for each in forbidding)}
    assert info.value.params["reason"] in named


def test_the_database_keeps_the_same_table(desk: Plant) -> None:
    for what in Act:
        for kind in HoldKind:
            said = desk.scalar("select hold_allows(:act, :kind)", act=what.value, kind=kind.value)
            assert said is (what in ALLOWED[kind]), (what, kind)


async def test_the_database_refuses_by_itself_what_a_row_can_tell(desk: Plant) -> None:
    lot = "U-WALL"
    await packaging(desk, lot)
    rows = (
        "update lot set status = 'packed' where lot_no = :lot",
        "insert into serial_unit (serial_no, item_id, lot_id) select 'U-W-1', item_id, id from lot where lot_no = :lot",
        """insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id)
           select work_order_id, lot_id, 30, 1, '30', now(), now(), recorded_by_id from operation_run
            where lot_id = (select id from lot where lot_no = :lot) limit 1""",
    )
    await desk.material(f"{lot}-ANY")
    await Recalling(desk, f"{lot}-ANY-RC").open(f"{lot}-ANY")
    for query in rows:
        assert walled(desk, lot, query) == "BW160", query
