"""What an instrument measured out of tolerance is found whole, each result is decided once, and the instrument is of no use meanwhile (STANDARDS M 39)."""

from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from models.kernel.store.act import reading
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.processes.calibrating import (
    DAY,
    GOOD,
    OFF,
    asked,
    assessment,
    blocked,
    calibrated,
    calibration,
    closed,
    decided,
    decision,
    gather,
    machine,
    measured,
    value,
)
from tests.support.processes.matter import stages
from tests.support.record import refused
from tests.support.servers.database import past_walls
from tests.support.servers.together import split, together

SEED = 20261130
LOTS, RESULTS, CUSTOMERS = 60, 400, 9
# the recount: batch by batch and link by link, not by the functions that the assessment asks
RECOUNT = """
with recursive mine as (
  select r.id, i.lot_id from inspection_result r join inspection i on i.id = r.inspection_id
   where r.equipment_id = (select id from equipment where equipment_no = :number)
     and case when r.measured_at is null then r.recorded_at else r.measured_at end between :since and :until
), reached (lot) as (
  select lot_id from mine union select g.child_lot_id from reached x, genealogy_edge g where g.parent_lot_id = x.lot and g.superseded_at is null
)
select (select count(*) from mine), (select count(distinct lot_id) from mine),
       (select count(distinct p.customer_id) from shipment p join shipment_line n on n.shipment_id = p.id
         where n.lot_id in (select lot from reached) and p.status in ('shipped', 'arrived'))
"""
SHIPPED = """
with gone as (
  insert into shipment (shipment_no, customer_id, status, shipped_at) select 'SH-' || :lot || :customer, id, :status, now() from customer
   where customer_no = :customer returning id)
insert into shipment_line (shipment_id, lot_id, quantity) select gone.id, l.id, 5 from gone, lot l where l.lot_no = :lot
"""
MADE = """
insert into genealogy_edge (parent_lot_id, child_lot_id, quantity, uom, kind, at) select p.id, c.id, 1, 'pcs', 'consume', now() from lot p, lot c
 where p.lot_no = :parent and c.lot_no = :child
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    return desk


def _many(shop: Plant, number: str, other: str, since: datetime, until: datetime) -> None:
    """400 results of 60 batches in the time, as many outside of it or by another instrument; nine customers, partly of what was made of them."""
    draw = Random(SEED)  # noqa: S311 - a test's
    lots, made = gather(shop, "OT", LOTS + 5), gather(shop, "OM", 12)
    rows: list[tuple[str, str, int, datetime, datetime | None]] = []
    span = (until - since).total_seconds()
    for n in range(RESULTS):
        at = since + timedelta(seconds=draw.uniform(0, span))
        at = {0: since, 1: until}.get(n, at)  # both ends are within
        late = draw.random() < 0.2
        rows.append((lots[n % LOTS], number, n, until + timedelta(minutes=1) if late else at, at if late else None))
    for n in range(100):
        before = since - timedelta(seconds=1 + n)
        rows += [
            (lots[n % (LOTS + 5)], number, 1000 + n, before, None),
            (lots[LOTS + n % 5], other, 2000 + n, until, None),
        ]
    measured(shop, rows)
    with past_walls(shop.engine) as connection:
        for n in range(12):
            connection.execute(text("insert into customer (customer_no, name) values (:no, :no)"), {"no": f"OC-{n}"})
            connection.execute(text(MADE), {"parent": lots[n], "child": made[n]})
        for n in range(CUSTOMERS):  # every other one got what was made of a batch
            lot = made[n] if n % 2 else lots[n]
            connection.execute(text(SHIPPED), {"lot": lot, "customer": f"OC-{n}", "status": "arrived"})
        connection.execute(text(SHIPPED), {"lot": lots[20], "customer": "OC-9", "status": "planned"})
        connection.execute(text(SHIPPED), {"lot": lots[LOTS], "customer": "OC-10", "status": "shipped"})


@pytest.mark.timeout(120)
async def test_400_results_60_batches_and_9_customers_are_found_as_a_recount_has_them(shop: Plant) -> None:
    number, other = machine(shop, "OT-1", 300 * DAY, 90 * DAY), machine(shop, "OT-2", 300 * DAY)
    since = shop.scalar(
        "select max(performed_at) from calibration c join equipment e on e.id = c.equipment_id where equipment_no = 'OT-1'"
    )
    until = datetime.now(UTC) - timedelta(minutes=2)
    _many(shop, number, other, since, until)
    asked(shop, number)
    done = calibrated(shop, number, OFF, at=until)
    assert (done.data["calibration"], done.data["blocked"]) == ("passed", 1)
    found = assessment(shop, number)
    counts = shop.scalar("select counts from out_of_tolerance where assessment_no = :n", n=found)
    with reading(shop.engine) as session:
        recount = session.connection().execute(text(RECOUNT), {"number": number, "since": since, "until": until}).one()
    assert tuple(recount) == (counts["results"], counts["lots"], counts["customers"]) == (RESULTS, LOTS, CUSTOMERS)
    kept = "select count(*), count(distinct result_id), count(distinct lot_id) from out_of_tolerance_result r join out_of_tolerance o on o.id = r.assessment_id where assessment_no = :n"
    with reading(shop.engine) as session:
        assert tuple(session.connection().execute(text(kept), {"n": found}).one()) == (RESULTS, RESULTS, LOTS)
    print(f"seed {SEED}: {counts}")  # noqa: T201 - the numbers that are asked for
    await _decided_once(shop, found, number)


def _asked(shop: Plant, what: str, found: str, **more: Any) -> Any:
    """Of the results of an assessment."""
    query = f"""
    select {what} from out_of_tolerance_result r join lot l on l.id = r.lot_id join out_of_tolerance o on o.id = r.assessment_id
      left join nonconformance n on n.id = r.nonconformance_id where o.assessment_no = :n
    """  # noqa: S608 - our own words
    return shop.scalar(query, n=found, **more)


async def _decided_once(shop: Plant, found: str, number: str) -> None:
    """Some by number, a batch, then all others in bulk; nothing twice, and nothing is closed before."""
    first, last = _asked(shop, "array[min(l.lot_no), max(l.lot_no)]", found)
    mine = _asked(shop, "array_agg(r.seq order by r.seq) filter (where l.lot_no = :lot)", found, lot=first)
    named = [{"numbers": f"{mine[0]}-{mine[-1]}", "fate": "nonconformance"}]
    done = decided(shop, found, results=named, batches=[{"batch": last, "fate": "reinspect"}])
    assert (done.data["findings"], done.data["held"]) == (1, 2)
    for code, seq in (("EQP-023", mine[0]), ("EQP-022", 9999)):
        again = decision(shop, found, results=[{"numbers": str(seq), "fate": "no_effect"}])
        with refused(shop.engine, code):
            do(shop.engine, "complete_task", again)
    assert stages(shop, found) == ["judge"]
    assert _asked(shop, "array_agg(distinct n.source || n.code) filter (where n.id is not null)", found) == [
        "equipmentOOT"
    ]
    assert _asked(shop, "array_agg(r.seq order by r.seq) filter (where n.id is not null)", found) == mine
    held = "select array_agg(l.lot_no order by l.lot_no) from hold h join lot l on l.id = h.lot_id where h.lifted_at is null and h.reason like :n"
    assert shop.scalar(held, n=f"{found}%") == ["OM-001", first, last], "with what was made of them"
    done = decided(shop, found, rest="no_effect")
    assert done.data["out_of_tolerance.undecided"] == 0
    assert blocked(shop, number)
    closed(shop, found)
    assert not blocked(shop, number), "it was left within its limits"


def one(shop: Plant, name: str, *ago: timedelta, results: int = 2) -> str:
    """An instrument with so many results of a batch each since yesterday, found out of tolerance a moment ago; its assessment."""
    machine(shop, name, *ago or (300 * DAY,))
    lots = gather(shop, f"L{name}", results)
    measured(shop, [(lot, name, 1, datetime.now(UTC) - DAY, None) for lot in lots])
    asked(shop, name)
    calibrated(shop, name, OFF)
    return assessment(shop, name)


@pytest.mark.parametrize("first", [0, 1])
async def test_of_two_who_decide_at_once_one_does(shop: Plant, first: int) -> None:
    found = one(shop, f"TW-{first}")
    commands = [
        decision(shop, found, "chen.pi", results=[{"numbers": "1-2", "fate": "no_effect"}]),
        decision(shop, found, "wu.jingli", rest="nonconformance"),
    ]
    in_order = commands[first:] + commands[:first]
    done, no = split(together(*(partial(do, shop.engine, "complete_task", command) for command in in_order)))
    assert (len(done), len(no)) == (1, 1)
    assert len(set(_asked(shop, "array_agg(r.decided_by_id)", found))) == 1
    assert _asked(shop, "count(r.decision)", found) == 2
    assert stages(shop, found) == ["close"], "nobody decides on what is decided"


@pytest.mark.parametrize("first", [0, 1])
async def test_who_decides_second_by_what_they_saw_before_is_refused(shop: Plant, first: int) -> None:
    found = one(shop, f"SE-{first}")
    part: dict[str, Any] = {"results": [{"numbers": "1", "fate": "no_effect"}]}
    two: list[tuple[str, dict[str, Any]]] = [("chen.pi", part), ("wu.jingli", {"rest": "reinspect"})]
    (a, said), (b, other) = two[first:] + two[:first]
    ahead, behind = decision(shop, found, a, **said), decision(shop, found, b, **other)
    do(shop.engine, "complete_task", ahead)
    with refused(shop.engine, "TASK-002"):
        do(shop.engine, "complete_task", behind)


async def test_nothing_is_measured_with_what_is_blocked_nor_told_of_a_time_that_is_doubted(shop: Plant) -> None:
    await shop.receive("BL-1")
    found = one(shop, "BL-G", 300 * DAY)
    with refused(shop.engine, "EQP-006"):
        do(shop.engine, "record_results", value(shop, "BL-1", "BL-G"))
    decided(shop, found, rest="no_effect")
    closed(shop, found)
    doubted = "update lot set created_at = created_at - interval '9 days' where lot_no = 'BL-1'"
    with past_walls(shop.engine) as connection:
        connection.execute(text(doubted))
        connection.execute(
            text(
                "update human_task set opened_at = opened_at - interval '9 days' where lot_id = (select id from lot where lot_no = 'BL-1')"
            )
        )
    late = value(shop, "BL-1", "BL-G", datetime.now(UTC) - timedelta(hours=2))
    with refused(shop.engine, "EQP-007"):
        do(shop.engine, "record_results", late)
    do(shop.engine, "record_results", value(shop, "BL-1", "BL-G"))


@pytest.mark.parametrize("measures_first", [True, False])
async def test_whoever_measures_at_that_instant_is_found_or_refused(shop: Plant, measures_first: bool) -> None:
    name = f"RC-{int(measures_first)}"
    await shop.receive(f"{name}-L")
    machine(shop, name, 300 * DAY)
    asked(shop, name)
    # left as it was found: from then on it measures wrong
    acts = [partial(do, shop.engine, "record_results", value(shop, f"{name}-L", name))]
    acts.append(partial(do, shop.engine, "complete_task", calibration(shop, name, ("10.05", None))))
    done, no = split(together(*(acts if measures_first else reversed(acts))))
    rows = shop.scalar(
        "select count(*) from inspection_result r join equipment e on e.id = r.equipment_id where e.equipment_no = :n",
        n=name,
    )
    assert blocked(shop, name)
    assert (
        shop.scalar("select results from out_of_tolerance where assessment_no = :n", n=assessment(shop, name)) == rows
    )
    assert (len(done), len(no)) == (1 + rows, 1 - rows)


async def test_what_was_calibrated_by_a_doubted_standard_is_doubted_with_its_results(shop: Plant) -> None:
    block = machine(shop, "ST-B", 300 * DAY, kind="block")
    child, grand, apart = (machine(shop, name, 200 * DAY) for name in ("ST-C", "ST-D", "ST-E"))
    for number, standard in ((child, block), (grand, child), (apart, None)):
        asked(shop, number)
        calibrated(shop, number, standard=standard) if standard else calibrated(shop, number)
    lots = gather(shop, "STL", 3)
    measured(
        shop,
        [
            (lot, number, 1, datetime.now(UTC) - DAY, None)
            for lot, number in zip(lots, (child, grand, apart), strict=True)
        ],
    )
    asked(shop, block)
    done = calibrated(shop, block, OFF)
    assert done.data["blocked"] == 3
    assert [blocked(shop, one) for one in (block, child, grand, apart)] == [True, True, True, False]
    found = assessment(shop, block)
    assert _asked(shop, "array_agg(l.lot_no order by l.lot_no)", found) == lots[:2]
    assert stages(shop, child) == stages(shop, grand) == ["perform"], "they are calibrated again, by a good one"
    decided(shop, found, rest="no_effect")
    closed(shop, found)
    assert [blocked(shop, one) for one in (block, child, grand)] == [False, True, True]
    calibrated(shop, child, standard=block, at=datetime.now(UTC))  # after it is free again
    assert (blocked(shop, child), blocked(shop, grand)) == (False, True)


async def test_a_standard_that_had_run_out_makes_what_it_calibrated_doubtful(shop: Plant) -> None:
    number = machine(shop, "EX-1", 300 * DAY)
    lot = gather(shop, "EXL", 1)
    measured(shop, [(lot[0], number, 1, datetime.now(UTC) - DAY, None)])
    asked(shop, number)
    done = calibrated(shop, number, GOOD, standard_until="2026-01-31")
    assert (done.data["calibration"], done.data["blocked"]) == ("failed", 1)
    assert (
        shop.scalar(
            "select because from equipment_block b join equipment e on e.id = b.equipment_id where equipment_no = 'EX-1'"
        )
        == "standard"
    )
    assert shop.scalar("select results from out_of_tolerance where assessment_no = :n", n=assessment(shop, number)) == 1
    assert stages(shop, number) == [], "the wait for the next one is over at once, by the clock"


async def test_what_can_not_be_recorded_says_why(shop: Plant) -> None:
    number = machine(shop, "NO-1", 300 * DAY)
    asked(shop, number)
    with refused(shop.engine, "EQP-016"):
        asked(shop, number)
    later = datetime.now(UTC) + timedelta(days=1)
    for code, more in (
        ("EQP-011", {"readings": [{"point": "1", "as_found": "1"}]}),
        ("EQP-011", {"readings": [{"point": "1", "as_found": "1", "lower": "2", "upper": "1"}]}),
        ("EQP-012", {"standard_other": None}),
        ("EQP-013", {"standard": number}),
        ("EQP-014", {"interval_months": None}),
        ("EQP-015", {"at": datetime.now(UTC) - 301 * DAY}),
        ("MST-006", {"at": later}),
    ):
        command = calibration(shop, number, **more)
        with refused(shop.engine, code):
            do(shop.engine, "complete_task", command)


async def test_within_its_limits_nothing_is_blocked_and_the_next_is_due_by_its_interval(shop: Plant) -> None:
    number = machine(shop, "OK-1", 300 * DAY)
    asked(shop, number)
    done = calibrated(shop, number, ("10.02", None), interval_months=6)
    assert (done.data["calibration"], done.data["blocked"], blocked(shop, number)) == ("passed", 0, False)
    due = shop.scalar(
        "select due_at - performed_at from calibration c join equipment e on e.id = c.equipment_id where equipment_no = 'OK-1' order by c.id desc limit 1"
    )
    assert timedelta(days=180) < due < timedelta(days=185)
    asked(shop, number)  # before its day
    with refused(shop.engine, "EQP-016"):
        asked(shop, number)
    calibrated(shop, number, GOOD, interval_months=None)
    assert (
        shop.scalar(
            "select max(interval_months) from calibration c join equipment e on e.id = c.equipment_id where equipment_no = 'OK-1'"
        )
        == 6
    )
