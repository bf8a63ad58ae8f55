"""What was worked with equipment while it is doubted is found whole, by an independent recount, and each is decided once (STANDARDS M 39; REQUIREMENTS 65)."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from models.kernel.store.act import reading
from tests.support.often import often
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.processes.calibrating import (
    DAY,
    OFF,
    asked,
    assessment,
    calibrated,
    closed,
    decided,
    decision,
    gather,
    machine,
    measured,
    worked,
)
from tests.support.record import refused
from tests.support.servers.database import past_walls

SEED = 20261201
LOTS, MADE, CUSTOMERS, WORK = 8, 4, 4, 40
EDGE = """
insert into genealogy_edge (parent_lot_id, child_lot_id, quantity, uom, kind, at) select p.id, c.id, 1, 'pcs', 'consume', now() from lot p, lot c
 where p.lot_no = :parent and c.lot_no = :child
"""
SHIPPED = """
with gone as (
  insert into shipment (shipment_no, customer_id, status, shipped_at) select 'SH-' || :lot || :customer, id, 'shipped', now() from customer
   where customer_no = :customer returning id)
insert into shipment_line (shipment_id, lot_id, quantity) select gone.id, l.id, 5 from gone, lot l where l.lot_no = :lot
"""
BLOCKS = """
select e.equipment_no, b.doubted_since, b.doubted_until from equipment_block b join equipment e on e.id = b.equipment_id
  join out_of_tolerance o on o.calibration_id = b.calibration_id where o.assessment_no = :n
"""
KEPT = """
select r.seq, l.lot_no, x.run_no, e.equipment_no, r.told, r.decision, r.result_id from out_of_tolerance_result r join lot l on l.id = r.lot_id
  join equipment e on e.id = r.equipment_id join out_of_tolerance o on o.id = r.assessment_id left join operation_run x on x.id = r.operation_run_id
 where o.assessment_no = :n order by r.seq
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    return desk


def _rows(shop: Plant, query: str, number: str) -> list[Any]:
    with reading(shop.engine) as session:
        return list(session.connection().execute(text(query), {"n": number}).all())


@pytest.mark.parametrize("case", range(often(2, 60)))
async def test_random_work_is_found_with_its_batches_and_customers_as_a_recount_has_it(shop: Plant, case: int) -> None:
    draw, name = Random(SEED + case), f"W{case}"  # noqa: S311 - a test's
    wrong, child, apart = (machine(shop, f"{name}-{which}", 30 * DAY, 20 * DAY) for which in "ABC")
    since = shop.scalar(
        "select max(performed_at) from calibration c join equipment e on e.id = c.equipment_id where equipment_no = :n",
        n=wrong,
    )
    until = datetime.now(UTC) - timedelta(minutes=2)
    asked(shop, wrong)
    if case % 2 == 0:  # what it calibrated meanwhile is doubted with it
        asked(shop, child)
        calibrated(shop, child, standard=wrong, at=until - DAY)
    lots, made = gather(shop, f"{name}L", LOTS), gather(shop, f"{name}M", MADE)
    work: list[tuple[str, int, tuple[str, ...], datetime, datetime]] = []
    for n in range(WORK):
        began = since + timedelta(seconds=draw.uniform(-5 * 86400, 19 * 86400))
        used = tuple(draw.sample([wrong, child, apart], k=draw.randint(1, 3)))
        work.append((draw.choice(lots), n, used, began, began + timedelta(hours=draw.uniform(0, 40))))
    moment = timedelta(microseconds=1)
    work += [  # both ends are within, and a moment beside them isn't
        (lots[0], 90, (wrong,), since - DAY, since),
        (lots[0], 91, (wrong,), until, until + moment),
        (lots[1], 92, (wrong,), since - DAY, since - moment),
        (lots[1], 93, (wrong,), until + moment, until + 2 * moment),
        (lots[2], 94, (wrong,), since - DAY, until + moment),
    ]
    worked(shop, work)
    measured(shop, [(lots[3], wrong, 1, since + DAY, None)])
    edges = [(draw.choice(lots), one) for one in made[:2]] + [(draw.choice(made[:2]), one) for one in made[2:]]
    shipped = [(draw.choice(lots + made), f"{name}-C{n}") for n in range(CUSTOMERS)]
    with past_walls(shop.engine) as connection:
        for parent, below in edges:
            connection.execute(text(EDGE), {"parent": parent, "child": below})
        for lot, customer in shipped:
            connection.execute(text("insert into customer (customer_no, name) values (:no, :no)"), {"no": customer})
            connection.execute(text(SHIPPED), {"lot": lot, "customer": customer})
    calibrated(shop, wrong, OFF, at=until)
    found = assessment(shop, wrong)
    doubted = {one.equipment_no: (one.doubted_since, one.doubted_until) for one in _rows(shop, BLOCKS, found)}
    assert doubted.keys() == ({wrong, child} if case % 2 == 0 else {wrong})
    want = {
        (lot, n, one)
        for lot, n, used, began, ended in work
        for one in used
        if one in doubted and began <= doubted[one][1] and ended >= doubted[one][0]
    }
    kept = _rows(shop, KEPT, found)
    assert {(one.lot_no, one.run_no, one.equipment_no) for one in kept if one.result_id is None} == want
    assert len(kept) == len(want) + 1
    assert {one.told for one in kept if one.result_id is None} == {"温度 85.0 °C"}
    touched = {lot for lot, _, _ in want} | {lots[3]}
    reached = set(touched)
    for parent, below in edges:
        reached |= {below} if parent in reached else set()
    counts = shop.scalar("select counts from out_of_tolerance where assessment_no = :n", n=found)
    assert (counts["operations"], counts["results"]) == (len({(lot, n) for lot, n, _ in want}), 1)
    assert counts["lots"] == len(touched)
    assert counts["customers"] == len({customer for lot, customer in shipped if lot in reached})
    print(f"seed {SEED + case}: {counts}")  # noqa: T201 - the numbers that are asked for
    if case == 0:
        _decide(shop, found, kept)


def _decide(shop: Plant, found: str, kept: list[Any]) -> None:
    """One operation gets its batch a nonconformance and a hold; nothing is decided twice, and nothing is closed before."""
    bad = next(one for one in kept if one.result_id is None)
    decided(shop, found, results=[{"numbers": str(bad.seq), "fate": "nonconformance"}])
    again = decision(shop, found, results=[{"numbers": str(bad.seq), "fate": "no_effect"}])
    with refused(shop.engine, "EQP-023"):
        do(shop.engine, "complete_task", again)
    finding = "select array_agg(l.lot_no) from nonconformance n join lot l on l.id = n.lot_id where n.about = :n"
    assert shop.scalar(finding, n=f"{found}/{bad.seq}") == [bad.lot_no]
    assert shop.scalar(
        "select exists (select from hold h join lot l on l.id = h.lot_id where l.lot_no = :n and h.lifted_at is null)",
        n=bad.lot_no,
    )
    assert decided(shop, found, rest="no_effect").data["out_of_tolerance.undecided"] == 0
    closed(shop, found)
    assert {one.decision for one in _rows(shop, KEPT, found)} == {"nonconformance", "no_effect"}
