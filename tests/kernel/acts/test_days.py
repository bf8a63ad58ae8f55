"""Days are the plant's, and an expiry that is printed as a month stays one wherever it goes (21 CFR 801.18)."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text

from models.exposure.rules.csv_file import to_csv as exposure_csv
from models.exposure.store import exposure
from models.identifier.rules import scanned_field as scanned
from models.item.rules.registered import Registered
from models.kernel.store.act import Actor, act, reading
from models.kernel.time.moments import PrintedDate
from models.label.rules import lot as lot_label
from models.label.rules.lot import Serials
from models.label.store import lot as lot_labels
from models.lot.queries import list as queries_lots
from models.lot.queries.views import LotView
from models.lot.store import lots
from models.order import acts as order_acts
from models.order.messages.order import CreateWorkOrder
from models.production.queries import pages as queries_page_production
from models.release.rules import expiry as evidence_expiry
from models.release.rules.batch_record import Parent
from models.release.rules.matrix import Book
from models.release.store import batch_record
from models.trace.rules import findings as trace_findings
from models.trace.rules.csv_file import from_csv, to_csv
from models.trace.rules.trace import Direction
from models.trace.store import trace
from tests.support.plant.plant import STEPS, Plant
from tests.support.plant.reshaping import merging, new, reshape, splitting
from tests.support.servers.database import past_walls


@pytest.mark.parametrize(
    ("at", "made"),
    [
        (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 20, 23, 59, tzinfo=UTC), date(2026, 11, 21)),
    ],
)
def test_a_batch_begun_between_midnight_and_eight_is_made_today_in_suzhou(
    desk: Plant, at: datetime, made: date
) -> None:
    lot_no = f"NIGHT-{at:%d%H%M}"
    command = CreateWorkOrder(
        command_id=lot_no,
        by=desk.by("zhao.liu"),
        work_order_no=f"WO-{lot_no}",
        lot_no=lot_no,
        item_no="HIP-12",
        quantity=Decimal(5),
        location="LINE-2",
        steps=STEPS,
    )
    with act(desk.engine, Actor(command.by.actor_id, command.by.name, "test")) as session:
        order_acts.create(session, command, at)
    assert desk.scalar("select manufactured_on from lot where lot_no = :lot", lot=lot_no) == made


async def test_a_month_stays_a_month_in_trace_csv_lists_and_exposure(desk: Plant) -> None:
    await desk.receive("MONTH-1", expires_on="2031-10")
    await desk.receive("MONTH-2", expires_on="2031-10-01")
    with reading(desk.engine) as session:
        for lot_no, printed in (("MONTH-1", "2031-10"), ("MONTH-2", "2031-10-01")):
            document = trace.trace_identifier(session, lot_no, Direction.BOTH, None).document(datetime.now(UTC))
            assert document["nodes"][0]["expires_on"] == printed
            assert from_csv("".join(to_csv(document)))["nodes"][0]["expires_on"] == printed
            _, view = queries_lots.one(session, lot_no)
            assert json.loads(TypeAdapter(LotView).dump_json(view))["expires_on"] == printed
        met = exposure.exposure(session, "person:li.cang", None, None).document(datetime.now(UTC))
        assert {one["lot_no"]: one["expires_on"] for one in met["lots"]}["MONTH-1"] == "2031-10"
        assert ",2031-10," in "".join(exposure_csv(met))


async def test_a_month_of_manufacture_and_of_retest_stays_one_at_every_door(desk: Plant) -> None:
    """Received, read as JSON, traced, exported, split, merged and compared with a label of any day of that month."""
    for lot_no in ("MADE-1", "MADE-2"):
        await desk.receive(lot_no, 100, manufactured_on="2026-09", retest_on="2027-05")
        await desk.measure(lot_no)
        await desk.complete(lot_no, "inspect", "lin.jian", "accepted")
    await desk.receive("MADE-D", manufactured_on="2026-09-01", retest_on="2027-05-01")
    await reshape(desk, splitting(desk, "MADE-1", new("MADE-1A", 40)))
    await reshape(desk, merging(desk, "MADE-M", "MADE-1", "MADE-2"))
    with reading(desk.engine) as session:
        for lot_no in ("MADE-1A", "MADE-M", "MADE-D"):
            made, again = ("2026-09-01", "2027-05-01") if lot_no == "MADE-D" else ("2026-09", "2027-05")
            _, view = queries_lots.one(session, lot_no)
            shown = json.loads(TypeAdapter(LotView).dump_json(view))
            assert (shown["manufactured_on"], shown["retest_on"]) == (made, again)
            document = trace.trace_identifier(session, lot_no, Direction.BOTH, None).document(datetime.now(UTC))
            node = next(one for one in document["nodes"] if one["lot_no"] == lot_no)
            kept = next(one for one in from_csv("".join(to_csv(document)))["nodes"] if one["lot_no"] == lot_no)
            assert (node["manufactured_on"], kept["manufactured_on"]) == (made, made)
            record = batch_record.build(session, lots.get(session, lot_no)).model_dump(mode="json")
            assert (record["manufactured_on"], record["shelf_life"]["retest_on"]) == (made, again)
            known = lot_labels._known(session, lots.get(session, lot_no))
            label = scanned.seen("(01)06901234567892(11)260915(10)" + lot_no)
            assert label is not None
            said = [one.what for one in lot_label.compare(known, [label], Registered({}, frozenset()), Serials({}))]
            assert said == (["made"] if lot_no == "MADE-D" else [])


@pytest.mark.parametrize(
    ("retest_on", "at", "found"),
    [
        ("2026-09", datetime(2026, 9, 30, 15, 59, tzinfo=UTC), False),
        ("2026-09", datetime(2026, 9, 30, 16, 0, tzinfo=UTC), True),  # October in Suzhou
        ("2026-09-01", datetime(2026, 9, 1, 16, 0, tzinfo=UTC), True),
        ("2028-02", datetime(2028, 2, 29, 15, 59, tzinfo=UTC), False),  # a leap day
        ("2026-12", datetime(2026, 12, 31, 16, 0, tzinfo=UTC), True),  # a year's end
    ],
)
def test_material_is_good_until_the_end_of_the_month_of_its_retest(
    retest_on: str, at: datetime, *, found: bool
) -> None:
    book = Book()
    parent = Parent(
        lot_no="R-1", item="PEEK", quantity=Decimal(1), uom="pcs", status="released", held=False, expires_on=None,
        origin="native", consumed_at=at, retest_on=PrintedDate.read(retest_on),
    )  # fmt: skip
    evidence_expiry._parent(book, parent, "Asia/Shanghai")
    assert [one.limit for one in book.exceptions if one.code == "EV-MATERIAL-10"] == ([retest_on] if found else [])


def test_a_month_that_may_be_later_makes_no_batch_older_than_its_part() -> None:
    older = trace_findings._older
    assert older("2026-08", "2026-09-01")
    assert older("2026-08-31", "2026-09")
    assert not older("2026-09", "2026-09-15")
    assert not older("2026-09-01", "2026-09")


async def test_what_ends_with_a_month_comes_after_what_ends_in_its_middle(desk: Plant) -> None:
    """FEFO: 2031-10 lasts until the 31st, 2031-10-15 does not."""
    for lot_no in ("FEFO-M", "FEFO-D", "FEFO-N"):
        await desk.material(lot_no, 10)
    with past_walls(desk.engine) as connection:
        for lot_no, day, precision in (("FEFO-M", "2031-10-01", "month"), ("FEFO-D", "2031-10-15", "day")):
            query = text("update lot set expires_on = :day, expiry_precision = :precision where lot_no = :lot")
            connection.execute(query, {"day": day, "precision": precision, "lot": lot_no})
    with reading(desk.engine) as session:
        offered = [one.lot_no for one in queries_page_production.usable(session, 50) if one.lot_no.startswith("FEFO")]
    assert offered == ["FEFO-D", "FEFO-M", "FEFO-N"]
