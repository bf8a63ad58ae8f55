"""A change for a time: it goes back by itself at its end, once, and what that means for each batch (ISO 13485 7.3.9; STANDARDS X 53; REQ 46, 47)."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, LiteralString

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import text

from models.change import rules
from models.change.messages import ForATime
from models.change.queries import case as queries
from models.change.queries import versions
from models.change.rules import temporary as pure
from models.change.rules.temporary import Fate, Why
from models.change.store import temporary
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.kernel.time.moments import plant_day
from models.process.acts import clock
from models.process.messages.process import Escalate, Receipt
from runtime.postgres import APPLICATION, SUPERUSER
from tests.change.asking import agreed, approval, asking, decide, effective, item, locks, opened, receipt, verified
from tests.change.test_emergency import done
from tests.support.fixtures.walls import Psql, refusal
from tests.support.often import often
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.reshaping import new, reshape, splitting
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.database import past_walls
from tests.support.servers.together import split, together
from tests.support.servers.until import born

KEPT = "select {} from change where change_no = :n"
SHIFT = text("update change set ends_at = now() - interval '1 minute', ends_on = ends_on - 30 where change_no = :n")
TOLD = (
    "select count(*) from fact f join change c on c.subject_id = f.subject_id where c.change_no = :n and f.name = :name"
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    return desk


def today(shop: Plant) -> date:
    at: datetime = shop.scalar("select now()")
    return plant_day(at, "Asia/Shanghai")


def kept(shop: Plant, number: str, column: str) -> Any:
    return shop.scalar(KEPT.format(column), n=number)


async def holding(shop: Plant, goods: str, batches: int | None = None, days: int | None = None) -> str:
    """A temporary change that is in effect."""
    end = ForATime(until=None if days is None else today(shop) + timedelta(days=days), batches=batches)
    number = await opened(shop, kind="item", target=goods, temporary=end)
    if shop.client is not None:
        await born(shop.client, f"{rules.TEMPORARY}/{number}")
    await agreed(shop, number)
    await complete(shop, number, "approve", "wu.jingli", "approve")
    if shop.client is not None:
        await born(shop.client, f"{rules.TASK}/{number}/1")
    if locks(shop, number):
        await decide(shop, number, rest="old_way")
    await verified(shop, number)
    await effective(shop, number)
    return number


def fire(shop: Plant, number: str, level: int = temporary.END) -> Receipt:
    """Its moment has come, as its workflow says."""
    run = shop.scalar("select id from process_run where workflow_id = :id", id=f"change-temporary/{number}")
    command = Escalate(run_id=run, stage=temporary.STAGE, level=level, to_role="", deadline=1)
    with act(shop.engine, SETUP) as session:
        return clock.escalate(session, command, now(session))


def ways(shop: Plant, number: str) -> dict[str, str]:
    """How each batch ran, asked from the change; the same asked from each batch."""
    with reading(shop.engine) as session:
        found = {one.lot_no: one.way for one in versions.of_change(session, number)}
        for lot, way in found.items():
            by = {one.change: one.way for under in versions.of_lot(session, lot) for one in under.changes}
            assert by[number] == way
    return found


async def test_at_the_end_of_its_day_what_is_under_way_pauses_and_what_begins_runs_the_old_way(shop: Plant) -> None:
    goods = item(shop, "TMP-1")
    await shop.receive("T-0", item_no=goods)
    number = await holding(shop, goods, days=30)
    assert number.startswith("CHT-")
    for lot in ("T-1", "T-2", "T-3", "T-AT", "T-SPLIT"):
        await shop.receive(lot, item_no=goods)
    await reshape(shop, splitting(shop, "T-SPLIT", new("T-PART", 10)))
    assert locks(shop, number) == {"T-0": "incoming old_way"}  # nothing pauses while it is in effect
    with past_walls(shop.engine) as connection:
        connection.execute(SHIFT, {"n": number})
        at = connection.exec_driver_sql("select ends_at from change where change_no = %s", (number,)).scalar_one()
        for lot, created in (
            ("T-AT", at),
            *((one, at - timedelta(microseconds=1)) for one in ("T-1", "T-2", "T-3", "T-SPLIT", "T-PART")),
        ):
            connection.exec_driver_sql("update lot set created_at = %s where lot_no = %s", (created, lot))
        connection.exec_driver_sql(
            "update change set effective_at = %s where change_no = %s", (at - timedelta(hours=1), number)
        )
        connection.exec_driver_sql("update lot set status = 'rejected' where lot_no = 'T-3'")
    await shop.receive("T-LATE", item_no=goods)  # its day has ended, and nobody has noticed yet
    before = locks(shop, number)
    done_ = fire(shop, number)
    assert (done_.data["ended_by"], done_.data["paused"]) == ("day", 4)
    paused = {lot for lot in locks(shop, number) if lot not in before}
    for lot, ran_so, under_way in (
        ("T-0", False, True), ("T-1", True, True), ("T-2", True, True), ("T-3", True, False), ("T-AT", False, True), ("T-LATE", False, True),
        ("T-SPLIT", True, True), ("T-PART", True, True),
    ):  # fmt: skip
        fate = pure.at_the_end(Why.DAY, ran_so=ran_so, under_way=under_way, decided=False)
        assert (lot in paused) == (fate is Fate.PAUSES), lot
    again = fire(shop, number)
    assert (again.data["raised"], shop.scalar(TOLD, n=number, name="change.ended")) == (False, 1)
    await shop.measure("T-1")
    with pytest.raises(Refusal, match="CHG-001"):
        await shop.complete("T-1", "inspect", "lin.jian", "accepted")
    assert stages(shop, number) == ["batches_back"]  # nobody is asked any more what becomes of it
    await decide(shop, number, "batches_back", T_1="new_way")
    await decide(shop, number, "batches_back", rest="old_way")
    await shop.complete("T-1", "inspect", "lin.jian", "accepted")
    assert ways(shop, number) == {
        "T-0": "old", "T-1": "new", "T-2": "old", "T-3": "new", "T-AT": "old", "T-LATE": "old", "T-SPLIT": "old", "T-PART": "old",
    }  # fmt: skip
    await complete(shop, number, "close", "wu.jingli", "close", form={"done": "已恢复"})
    assert kept(shop, number, "status") == "closed"


@pytest.mark.timeout(often(180, 1200))
async def test_exactly_so_many_batches_are_made_so_however_many_begin_at_once(shop: Plant) -> None:
    goods = item(shop, "TMP-2")
    for n in range(often(2, 25)):
        number = await holding(shop, goods, batches=2, days=30)
        await shop.receive(f"N-{n}-0", item_no=goods)
        receipts = [receipt(shop, f"N-{n}-{m}", goods) for m in range(1, 5)]
        made, refused = split(together(*(partial(do, shop.engine, "receive_lot", one) for one in receipts)))
        assert (len(made), refused) == (4, [])
        mine = {lot: way for lot, way in ways(shop, number).items() if lot.startswith(f"N-{n}-")}
        assert sorted(mine.values()) == ["new", "new", "old", "old", "old"]
        assert mine[f"N-{n}-0"] == "new"
        places = "select array_agg(b.place order by b.place) from change_batch b join change c on c.id = b.change_id where c.change_no = :n"
        assert shop.scalar(places, n=number) == [1, 2]
        first = next(lot for lot, way in mine.items() if way == "new")
        await reshape(
            shop, splitting(shop, first, new(f"{first}-PART", 1))
        )  # goods of the number are of it, and take no place
        assert ways(shop, number)[f"{first}-PART"] == "new"
        done_ = fire(shop, number)
        assert (done_.data["ended_by"], done_.data["paused"]) == ("number", 0)  # the approval has decided on these
        assert stages(shop, number) == ["close"]
        await complete(shop, number, "close", "wu.jingli", "close", form={"done": "已恢复"})


async def test_an_end_lies_ahead_when_it_is_asked_for_approved_and_begun(shop: Plant) -> None:
    goods = item(shop, "TMP-3")
    yesterday = today(shop) - timedelta(days=1)
    for code, end in {"CHG-030": ForATime(batches=0), "CHG-031": ForATime(until=yesterday)}.items():
        with pytest.raises(Refusal, match=code):
            do(shop.engine, "open_change", asking(shop, kind="item", target=goods, temporary=end))
    with pytest.raises(Refusal, match="CHG-030"):
        do(shop.engine, "open_change", asking(shop, kind="item", target=goods, temporary=ForATime()))
    with pytest.raises(Refusal, match="CHG-038"):
        do(shop.engine, "open_change", asking(shop, temporary=ForATime(batches=1), already=done()))
    number = await opened(shop, kind="item", target=goods, temporary=ForATime(until=today(shop) + timedelta(days=3)))
    assert kept(shop, number, "ends_at").astimezone().utcoffset() is not None
    zone = "select to_char(ends_at at time zone 'Asia/Shanghai', 'HH24:MI') from change where change_no = :n"
    assert shop.scalar(zone, n=number) == "00:00"  # the last day ends at the plant
    await agreed(shop, number)
    with past_walls(shop.engine) as connection:
        connection.execute(SHIFT, {"n": number})
    with pytest.raises(Refusal, match="CHG-031"):
        await complete(shop, number, "approve", "wu.jingli", "approve")


async def test_the_approval_signs_the_end_with_everything_else(shop: Plant) -> None:
    number = await opened(shop, temporary=ForATime(batches=3))
    await agreed(shop, number)
    signing = approval(shop, number)
    with past_walls(shop.engine) as connection:
        connection.exec_driver_sql("update change set most_batches = 4 where change_no = %s", (number,))
    with pytest.raises(Refusal, match="SIG-004"):
        do(shop.engine, "complete_task", signing)


async def longer(shop: Plant, number: str, **said: Any) -> Receipt:
    return await complete(shop, number, "say", "zhou.shen", "longer", form=said, reason="新件未到货", signed=False)


async def test_it_is_extended_by_somebody_else_and_each_time_counted(shop: Plant) -> None:
    goods = item(shop, "TMP-4")
    number = await holding(shop, goods, batches=1)
    assert fire(shop, number, temporary.REMINDER).data["raised"]  # the last batch is left
    assert not fire(shop, number, temporary.REMINDER).data["raised"]
    for said in ({}, {"batches": 1}, {"until": (today(shop) + timedelta(days=9)).isoformat()}):
        with pytest.raises(Refusal, match="CHG-034"):
            await longer(shop, number, **said)
    await longer(shop, number, batches=2)
    await complete(shop, number, "approve_longer", "wu.jingli", "approve")
    await shop.receive("X-1", item_no=goods)
    assert fire(shop, number, temporary.REMINDER).data["raised"]
    await longer(shop, number, batches=3)
    await complete(shop, number, "approve_longer", "wu.jingli", "approve")
    with reading(shop.engine) as session:
        told = queries.of_number(session, number)
    assert (told.head.most_batches, told.head.made, [one.number for one in told.extensions]) == (3, 1, [1, 2])
    for lot in ("X-2", "X-3", "X-4"):
        await shop.receive(lot, item_no=goods)
    assert [ways(shop, number)[f"X-{n}"] for n in (1, 2, 3, 4)] == ["new", "new", "new", "old"]
    assert fire(shop, number).data["ended_by"] == "number"
    assert not {"not_yet", "say"} & set(stages(shop, number))


async def test_its_end_and_its_extension_meet_and_the_other_reads_why_not(shop: Plant) -> None:
    goods = item(shop, "TMP-5")
    for n in range(often(3, 50)):
        number = await holding(shop, goods, batches=1)
        fire(shop, number, temporary.REMINDER)
        await longer(shop, number, batches=2)
        extending = shop.completion(open_task(shop, number, "approve_longer"), shop.by("wu.jingli"), "approve")
        last = receipt(shop, f"E-{n}", goods)
        acts = (partial(do, shop.engine, "complete_task", extending), partial(do, shop.engine, "receive_lot", last))
        _, refused = split(together(*acts))
        # its last batch is made before, and it is over, or within the number that was extended
        assert [one.code for one in refused] in ([], ["CHG-033"])
        assert kept(shop, number, "most_batches") == (1 if refused else 2)
        assert fire(shop, number).data["raised"] == bool(refused)


async def test_it_is_stopped_before_its_end_and_withdrawn_before_it_began(shop: Plant) -> None:
    goods = item(shop, "TMP-6")
    number = await holding(shop, goods, batches=2, days=30)
    await shop.receive("S-1", item_no=goods)
    fire(shop, number, temporary.REMINDER)
    await complete(shop, number, "say", "zhou.shen", "stop", reason="已恢复供货", signed=False)
    done_ = await complete(shop, number, "approve_stop", "wu.jingli", "stop")
    assert (done_.data["ended_by"], done_.data["paused"]) == ("hand", 1)
    await shop.receive("S-2", item_no=goods)
    assert locks(shop, number) == {"S-1": "incoming"}
    assert not fire(shop, number).data["raised"]
    await decide(shop, number, "batches_back", rest="new_way")
    assert (ways(shop, number)["S-1"], ways(shop, number)["S-2"]) == ("new", "old")
    early = await opened(shop, kind="item", target=goods, temporary=ForATime(batches=2))
    await agreed(shop, early)
    await complete(shop, early, "approve", "wu.jingli", "approve")
    await complete(shop, early, "batches", "chen.pi", "withdraw", reason="不再需要")
    assert {way.split()[-1] for way in locks(shop, early).values()} == {"freed"}
    assert stages(shop, early) == []


async def test_it_is_made_permanent_only_by_another_change_that_names_it(shop: Plant) -> None:
    goods, other = item(shop, "TMP-7"), item(shop, "TMP-8")
    number = await holding(shop, goods, batches=2)
    given = {"kind": "item", "target": goods, "permanent_of": number}
    wrong: dict[str, dict[str, Any]] = {
        "CHG-036": {"permanent_of": "CHT-1900-0001"},
        "CHG-037": {"target": other},
        "CHG-038": {"temporary": ForATime(batches=1)},
    }
    for code, said in wrong.items():
        with pytest.raises(Refusal, match=code):
            do(shop.engine, "open_change", asking(shop, **given | said))
    permanent = await opened(shop, **given)
    with reading(shop.engine) as session:
        assert queries.of_number(session, permanent).head.permanent_of == number
        assert queries.of_number(session, number).head.made_permanent_by == permanent


CASE: LiteralString = (
    "insert into change (change_no, title, reason, kind, target, opened_by_id, status, approved_at, approved_by_id, effective_at, effective_by_id, ends_on,"
    " ends_at, most_batches) select 'CHT-X', 'x', 'x', 'item', 'X', min(id), 'approved', now(), max(id), now() - interval '1 hour', max(id), current_date + 3,"
    " (current_date + 4)::timestamp at time zone 'Asia/Shanghai', 2 from person"
)
OF_X: LiteralString = " where change_no = 'CHT-X'"


def case(connection: psycopg.Connection[Any], *past: LiteralString) -> None:
    """A temporary change in effect, past the walls."""
    connection.execute("set local session_replication_role = replica")
    for one in (CASE, *past):
        connection.execute(one)
    connection.execute("set local session_replication_role = origin")


def test_the_database_moves_no_end_without_a_signature_and_ends_it_once_and_not_before(psql: Psql) -> None:
    for code, change in {
        "BW483": "ends_on = ends_on + 1, ends_at = ends_at + interval '1 day'",
        "BW380": "most_batches = null, ends_on = null, ends_at = null",
        "BW484": "ended_at = now(), ended_by = 'day'",
    }.items():
        with psql.transaction(SUPERUSER) as connection, refusal(code):
            case(connection)
            connection.execute(f"update change set {change}{OF_X}")  # noqa: S608 - our own words
    ended: LiteralString = "update change set ended_at = now(), ended_by = 'number'"
    with psql.transaction(SUPERUSER) as connection, refusal("BW484"):
        case(connection, ended + OF_X)
        connection.execute("update change set ended_at = now() - interval '1 second'" + OF_X)  # noqa: S608
    with psql.transaction(SUPERUSER) as connection, refusal("BW482"):
        connection.execute(CASE.replace("'approved', now(), max(id), now() - interval '1 hour', max(id)", "'open', null, null, null, null").replace("+ 3", "- 3").replace("+ 4", "- 2"))  # fmt: skip
    batch: LiteralString = (
        "insert into change_batch (change_id, lot_id, place) select c.id, (select min(id) from lot), 2 from change c"
    )
    with psql.transaction(SUPERUSER) as connection, refusal("BW480"):
        case(connection)
        connection.execute(batch + OF_X)
    with psql.transaction(APPLICATION) as connection, refusal("BW480"):
        connection.execute(batch)
    longer_: LiteralString = (
        "insert into change_extension (change_id, from_day, to_day, from_batches, to_batches, reason, asked_by_id, approved_by_id)"
        " select c.id, c.ends_on, c.ends_on, 2, 3, 'x', (select min(id) from person), (select max(id) from person) from change c"
    )
    with psql.transaction(SUPERUSER) as connection, refusal("BW481"):
        case(connection)
        connection.execute(longer_ + OF_X)


def test_the_process_of_a_change_is_not_begun_for_one_that_is_temporary(shop: Plant) -> None:
    found = shop.scalar(
        "select array_agg(distinct split_part(workflow_id, '/', 1)) from process_run where workflow_id like '%/CHT-%'"
    )
    assert set(found) <= {rules.TEMPORARY, rules.ENDING, rules.TASK}
