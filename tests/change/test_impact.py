"""The impact of a change on many open batches is what an independent recount finds (STANDARDS X 53; REQUIREMENTS 45)."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Connection

from models.change.store import changes, impact
from models.kernel.store.act import act
from tests.change.asking import item, opened
from tests.support.often import often
from tests.support.plant.plant import SETUP, Plant
from tests.support.servers.database import past_walls

LOTS = often(600, 10_000)
SEED = 20261130
STATUSES = ("received", "in_process", "finished", "inspected", "packed", "released", "rejected", "closed")
ORDER = ("incoming", "operation", "final", "package", "release", "put_away", "leave")
SEQS = (10, 20, 30)
ROWS = """
select l.lot_no, l.item_id = (select id from item where item_no = %s) as mine, l.kind, l.status,
       (select count(*) from stock s where s.lot_id = l.id and s.quantity > 0) as stocked,
       (select w.extra -> 'bill' from work_order w where w.lot_id = l.id and w.status = 'open') as bill,
       (select coalesce(array_agg(r.seq), '{}') from operation_run r where r.lot_id = l.id) as done
  from lot l where l.lot_no like %s
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    return desk


def _many(connection: Connection, goods: str, other: str) -> None:
    """Batches in every state, some of them of the item or being made of it; written past the walls, as an old plant has them."""
    draw = Random(SEED)  # noqa: S311 - a test's
    run = connection.exec_driver_sql
    keys = {one: run("select id from item where item_no = %s", (one,)).scalar_one() for one in (goods, other)}
    place, person = run("select min(id) from location").scalar_one(), run("select min(id) from person").scalar_one()
    for n in range(LOTS):
        mine, status = draw.random() < 0.6, draw.choice(STATUSES)
        lot = run(
            "insert into lot (lot_no, item_id, kind, status, quantity) values (%s, %s, %s, %s, 5) returning id",
            (f"IMP-{n:05}", keys[goods if mine else other], draw.choice(("finished", "in_process")), status),
        ).scalar_one()
        if draw.random() < 0.7:
            run(
                "insert into stock (lot_id, location_id, quantity) values (%s, %s, %s)",
                (lot, place, draw.choice((0, 5))),
            )
        if status != "in_process":
            continue
        bill = f'[{{"item_no": "{draw.choice((goods, other))}"}}]'
        order = run(
            "insert into work_order (work_order_no, item_id, lot_id, quantity, extra)"
            " values (%s, %s, %s, 5, jsonb_build_object('bill', %s::jsonb)) returning id",
            (f"IMP-WO-{n:05}", keys[other], lot, bill),
        ).scalar_one()
        for seq in SEQS:
            run(
                "insert into routing_step (work_order_id, seq, code, title_zh, title_en) values (%s, %s, 'X', 'x', 'x')",
                (order, seq),
            )
        for seq in SEQS[: draw.randrange(3)]:
            run(
                "insert into operation_run (work_order_id, lot_id, seq, code, started_at, finished_at, recorded_by_id)"
                " values (%s, %s, %s, 'X', now(), now(), %s)",
                (order, lot, seq, person),
            )


def _recount(rows: list[Any], goods: str, first: tuple[str, int] | None) -> Iterator[tuple[str, str, int]]:
    """The same, batch by batch, in the words of the how-to page."""
    for row in rows:
        if not row.mine and not any(one["item_no"] == goods for one in row.bill or ()):
            continue
        match row.status:
            case "rejected" | "closed":
                continue
            case "released":
                if not row.stocked:
                    continue
                here = ("leave", 0)
            case "in_process":
                here = ("operation", min(set(SEQS) - set(row.done)))
            case "inspected":
                here = ("release" if row.kind == "in_process" else "package", 0)
            case status:
                here = ({"received": "incoming", "finished": "final", "packed": "release"}[status], 0)
        if first is None:
            yield row.lot_no, *here
        elif (ORDER.index(here[0]), here[1]) <= (ORDER.index(first[0]), first[1]):
            yield row.lot_no, *first


@pytest.mark.timeout(often(180, 1200))
async def test_the_impact_on_many_open_batches_is_what_a_recount_finds(shop: Plant) -> None:
    goods, other = item(shop, "IMP-A", "finished"), item(shop, "IMP-B", "finished")
    with past_walls(shop.engine) as connection:
        _many(connection, goods, other)
        rows = list(connection.exec_driver_sql(ROWS, (goods, "IMP-%")).all())
    for first in (None, ("operation", 20), ("final", 0), ("release", 0)):
        step: dict[str, Any] = {} if first is None else {"first_step": first[0], "first_seq": first[1]}
        number = await opened(shop, kind="item", target=goods, **step)
        key = shop.scalar("select subject_id from change where change_no = :n", n=number)
        with act(shop.engine, SETUP) as session:
            found = impact.compute(session, changes.lock(session, key))
        expected = sorted(_recount(rows, goods, first))
        assert [(one["lot_no"], one["step"], one["seq"]) for one in found.lots] == expected
        assert found.counts["lots"] == len(expected)
        print(  # noqa: T201 - the numbers that the deep run is asked for
            f"seed {SEED}: {LOTS} batches, first step {first or 'next'}: {len(expected)} to pause, {found.counts['past']} past it"
        )
