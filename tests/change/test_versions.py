"""Which batches ran under which version, both ways, is what an independent recount of the record finds (REQUIREMENTS 47; ISO 13485 7.3.9)."""

from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any, LiteralString

import pytest
import pytest_asyncio
from sqlalchemy import Connection, event

from models.change.queries import versions
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from tests.change.asking import item, opened
from tests.change.test_emergency import done
from tests.support.often import often
from tests.support.plant.plant import Plant
from tests.support.servers.database import past_walls

LOTS = often(400, 10_000)
SEED = 20261201
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
HOW: tuple[tuple[str | None, bool], ...] = (
    ("old_way", False), ("new_way", False), ("rework", False), ("scrap", False), (None, False), (None, True),
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    return desk


def _furnish(run: Any, goods: str) -> dict[str, int]:
    """Two versions of a plan and an order of a document, which the changes are of."""
    keys = {one: run("select id from item where item_no = %s", (one,)).scalar_one() for one in (goods, "PEEK-20")}
    for version in (1, 2):
        keys[f"plan {version}"] = run(
            "insert into inspection_plan (code, version, title, stage, item_id) values ('VER-P', %s, 'x', 'final', %s) returning id",
            (version, keys[goods]),
        ).scalar_one()
    return keys


def _many(connection: Connection, goods: str, numbers: list[str]) -> None:
    """Batches of a year, some of them of the item, some made of it, inspected and worked by one of two versions, and locks of every kind."""
    draw = Random(SEED)  # noqa: S311 - a test's
    run = connection.exec_driver_sql
    keys = _furnish(run, goods)
    changes = [run("select id from change where change_no = %s", (one,)).scalar_one() for one in numbers]
    made: list[int] = []
    person = run("select min(id) from person").scalar_one()
    for n in range(LOTS):
        mine = draw.random() < 0.4
        lot = run(
            "insert into lot (lot_no, item_id, kind, status, quantity, created_at) values (%s, %s, 'finished', 'released', 5, %s) returning id",
            (f"VER-{n:05}", keys[goods if mine else "PEEK-20"], FIRST + timedelta(days=draw.randrange(300))),
        ).scalar_one()
        if made and draw.random() < 0.3:
            run(
                "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, at) values (%s, %s, 'consume', 1, 'pcs', now())",
                (draw.choice(made), lot),
            )
        made.append(lot)
        if draw.random() < 0.5:
            run(
                "insert into work_order (work_order_no, item_id, lot_id, quantity, status, document, document_version)"
                " values (%s, %s, %s, 5, 'finished', 'VER-D', %s)",
                (f"VER-WO-{n:05}", keys[goods], lot, draw.choice("AB")),
            )
        for stage in draw.sample(("incoming", "final"), draw.randrange(3)):
            run(
                "insert into inspection (inspection_no, lot_id, plan_id, stage, status) values (%s, %s, %s, %s, 'accepted')",
                (f"VER-I-{n:05}-{stage}", lot, keys[f"plan {draw.choice((1, 2))}"], stage),
            )
        for change in draw.sample(changes, draw.randrange(2)):
            way, freed = draw.choice(HOW)
            run(
                "insert into change_lock (change_id, lot_id, step, decision, decided_at, decided_by_id, reason, freed_at)"
                " values (%s, %s, 'leave', %s, case when %s::text is null then null else now() end, case when %s::text is null then null else %s::bigint end,"
                " case when %s::text is null then null else 'x' end, case when %s then now() end)",
                (change, lot, way, way, way, person, way, freed),
            )


def _renumbered(connection: Connection) -> None:
    """What was named ran so under later numbers too, not what was split off years before."""
    for kind, parent, child, at in (
        ("split", "VER-NAMED-1", "VER-00003", None),
        ("merge", "VER-00003", "VER-00007", None),
        ("repack", "VER-NAMED-2", "VER-00011", "2020-01-01"),
        ("consume", "VER-NAMED-2", "VER-00013", None),
    ):
        connection.exec_driver_sql(
            "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, at)"
            " select p.id, c.id, %s, 1, 'pcs', coalesce(%s::timestamptz, now()) from lot p, lot c where p.lot_no = %s and c.lot_no = %s",
            (kind, at, parent, child),
        )


def _settled(connection: Connection, numbers: list[str]) -> None:
    """In effect from a day, with a batch, withdrawn after it, approved after it was done, and one that isn't approved."""
    at = "approved_at = '2026-03-01', approved_by_id = opened_by_id, effective_by_id = opened_by_id"
    for number, said in zip(
        numbers,
        (
            f"status = 'approved', {at}, effective_at = '2026-05-01'",
            f"status = 'approved', {at}, effective_at = '2026-04-01', effective_batch = 'VER-00200'",
            f"status = 'withdrawn', {at}, effective_at = '2026-03-15', closed_at = '2026-08-01'",
            f"status = 'closed', {at}, effective_at = '2026-07-01', closed_at = '2026-09-01'",
            "status = 'open'",
        ),
        strict=True,
    ):
        connection.exec_driver_sql(f"update change set {said} where change_no = %s", (number,))  # noqa: S608 - our own words


def _way(change: Any, lot: Any, lock: Any, first: int | None, named: set[int]) -> str:
    """In the words of the how-to page."""
    if lock is not None and lock.decision is not None:
        return {"old_way": "old", "new_way": "new"}.get(lock.decision, "stopped")
    if lock is not None and lock.freed_at is None:
        return "waits"
    if change.happened_at is not None and (lock is not None or lot.id in named):
        return "new"
    since = change.effective_at is not None and lot.created_at >= change.effective_at
    with_batch = change.effective_batch is None or (first is not None and lot.id >= first)
    after = change.status == "withdrawn" and lot.created_at >= change.closed_at
    return "new" if since and with_batch and not after else "old"


def _recount(connection: Connection, goods: str, numbers: list[str]) -> dict[str, dict[str, tuple[list[str], str]]]:
    """Change by change and batch by batch, from the tables as they are."""

    def read(query: LiteralString, *given: Any) -> list[Any]:
        return list(connection.exec_driver_sql(query, given))

    lots = {
        one.id: one
        for one in read("select l.*, i.item_no from lot l join item i on i.id = l.item_id where lot_no like 'VER-%%'")
    }
    used: dict[tuple[str, str], dict[int, set[str]]] = {
        ("item", goods): {},
        ("document", "VER-D"): {},
        ("inspection_plan", "VER-P"): {},
    }
    for lot in lots.values():
        if lot.item_no == goods:
            used["item", goods].setdefault(lot.id, set())
    for edge in read("select parent_lot_id, child_lot_id from genealogy_edge where kind = 'consume'"):
        if edge.child_lot_id in lots and edge.parent_lot_id in lots and lots[edge.parent_lot_id].item_no == goods:
            used["item", goods].setdefault(edge.child_lot_id, set())
    for order in read("select lot_id, document_version from work_order where document = 'VER-D'"):
        used["document", "VER-D"].setdefault(order.lot_id, set()).add(order.document_version)
    plans = {one.id: one.version for one in read("select id, version from inspection_plan where code = 'VER-P'")}
    for one in read("select lot_id, plan_id from inspection where inspection_no like 'VER-I-%%'"):
        used["inspection_plan", "VER-P"].setdefault(one.lot_id, set()).add(str(plans[one.plan_id]))
    by_no = {one.lot_no: one.id for one in lots.values()}
    found: dict[str, dict[str, tuple[list[str], str]]] = {}
    for number in numbers:
        [change] = read("select * from change where change_no = %s", number)
        locks = {one.lot_id: one for one in read("select * from change_lock where change_id = %s", change.id)}
        mine = used.get((change.kind, change.target), {})
        named, more = set[int](), {by_no[one] for one in change.also}
        while more:
            named |= more
            more = {
                one.child_lot_id
                for one in read("select * from genealogy_edge where kind in ('split', 'merge', 'repack', 'rework')")
                if one.parent_lot_id in more and one.at >= (change.happened_at or one.at)
            }
        here = {*mine, *locks, *named}
        first = by_no.get(change.effective_batch)
        found[number] = {
            lots[one].lot_no: (sorted(mine.get(one, ())), _way(change, lots[one], locks.get(one), first, named))
            for one in here
        }
    return found


@pytest.mark.timeout(often(180, 1200))
async def test_both_ways_are_what_a_recount_finds_in_one_statement_each(shop: Plant) -> None:
    goods = item(shop, "VER-ITEM", "finished")
    with past_walls(shop.engine) as connection:
        connection.exec_driver_sql(
            "insert into lot (lot_no, item_id, kind, status, quantity) select n, (select id from item where item_no = 'VER-ITEM'), 'finished', 'closed', 1"
            " from unnest(array['VER-NAMED-1', 'VER-NAMED-2']) n"
        )
        _document(connection)
    named: dict[str, Any] = {"lot_nos": ("VER-NAMED-1", "VER-NAMED-2")}
    numbers = [
        await opened(shop, kind="item", target=goods),
        await opened(shop, kind="document", target="VER-D"),
        await opened(shop, kind="item", target=goods),
        await opened(shop, already=done(), **named),
        await opened(shop, kind="document", target="VER-D"),
    ]
    with past_walls(shop.engine) as connection:
        _many(connection, goods, numbers[:4])
        _renumbered(connection)
        _settled(connection, numbers)
        expected = _recount(connection, goods, numbers)
    asked: list[str] = []
    event.listen(shop.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    with reading(shop.engine) as session:
        for number in numbers:
            asked.clear()
            began = perf_counter()
            found = versions.of_change(session, number)
            took = perf_counter() - began
            assert sum("ran as" in one for one in asked) == 1
            assert {one.lot_no: (one.versions, one.way) for one in found} == expected[number]
            assert sum(versions.counted(found).values()) == len(found)
            print(f"seed {SEED}: {LOTS} batches, {number}: {versions.counted(found)} in {took:.2f} s")  # noqa: T201 - the numbers of the deep run
        some = Random(SEED).sample(sorted({*expected[numbers[0]], *expected[numbers[3]]}), 25)  # noqa: S311 - a test's
        for lot in (*some, "VER-00007", "VER-00011"):
            under = versions.of_lot(session, lot)
            mine = {(by.change, by.way) for one in under for by in one.changes if by.change in numbers}
            assert mine == {(one, expected[one][lot][1]) for one in numbers[:4] if lot in expected[one]}
            told = {one.version for one in under if (one.kind, one.number) == ("document", "VER-D") and one.version}
            assert told == set(expected[numbers[1]].get(lot, ((), ""))[0])


def _document(connection: Connection) -> None:
    """An order by the document, so that somebody can ask for a change of it."""
    connection.exec_driver_sql(
        "insert into work_order (work_order_no, item_id, lot_id, quantity, status, document, document_version)"
        " select 'VER-WO-0', l.item_id, l.id, 1, 'finished', 'VER-D', 'A' from lot l where lot_no = 'VER-NAMED-1'"
    )


async def test_nobody_is_told_of_what_is_not_there(shop: Plant) -> None:
    with reading(shop.engine) as session:
        with pytest.raises(Refusal, match="CHG-404"):
            versions.of_change(session, "CHG-1900-0001")
        with pytest.raises(Refusal, match="LOT-001"):
            versions.of_lot(session, "NONE-1")


async def test_a_batch_tells_the_versions_that_it_was_made_by(shop: Plant) -> None:
    await shop.material("VER-RAW", 100)
    with reading(shop.engine) as session:
        under = {(one.kind, one.number): one.version for one in versions.of_lot(session, "VER-RAW")}
    assert under["item", "PEEK-20"] == ""
    assert under["supplier", "S-1"] == ""
    assert int(under["definition", "incoming-inspection"]) >= 1
    assert any(kind == "inspection_plan" and version for (kind, _), version in under.items())
