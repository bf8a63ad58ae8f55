"""Expiry from the item master at receipt, at production, at acceptance and at release (ISO 13485 7.5.11)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from models.item.rules import shelf_life
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.kernel.time.moments import PrintedDate, months_later, plant_day
from models.lot.store import lots
from models.release.rules import evidence
from models.release.store import batch_record
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import refused

TODAY = plant_day(datetime.now(UTC), "Asia/Shanghai")


@pytest.fixture
def strict(desk: Plant) -> Iterator[Plant]:
    """PEEK lasts 24 months and is tested again every 12; hip stems are sterile and last 60."""
    master(desk, "PEEK-20", shelf_life_months=24, retest_months=12)
    master(desk, "HIP-12", shelf_life_months=60, sterile=True, expiry_on_label=True)
    yield desk
    master(desk, "PEEK-20", shelf_life_months=None, retest_months=None)
    master(desk, "HIP-12", shelf_life_months=None, sterile=False, expiry_on_label=False)


def master(plant: Plant, item: str, **values: Any) -> None:
    """What the item says of its dates."""
    sets = ", ".join(f"{name} = :{name}" for name in values)
    with act(plant.engine, SETUP) as session:
        query = f"update item set {sets} where item_no = :item"  # noqa: S608 - our own words
        session.connection().execute(text(query), {"item": item, **values})


def dates(plant: Plant, lot_no: str) -> tuple[Any, ...]:
    with reading(plant.engine) as session:
        lot = lots.get(session, lot_no)
        return lot.expires_on, lot.expiry_precision, lot.retest_on, lot.expiry_reason


def found(plant: Plant, lot_no: str) -> dict[str, str]:
    with reading(plant.engine) as session:
        record = batch_record.build(session, lots.get(session, lot_no))
        return {one.code: one.zh for one in evidence.assess(record, now(session)).exceptions}


async def test_a_receipt_takes_expiry_and_retest_from_the_master(strict: Plant) -> None:
    made = TODAY - timedelta(days=30)
    await strict.receive("S-1", manufactured_on=made.isoformat())
    assert dates(strict, "S-1") == (months_later(made, 24), "day", months_later(made, 12), None)


async def test_a_receipt_without_or_against_the_master_asks_why(strict: Plant) -> None:
    with refused(strict.engine, "LOT-021", 422, zh="PEEK-20"):
        await strict.receive("S-2")
    made = (TODAY - timedelta(days=30)).isoformat()
    with refused(strict.engine, "LOT-022", 422, zh="2031-10", en="24 months"):
        await strict.receive("S-2", manufactured_on=made, expires_on="2031-10")
    with refused(strict.engine, "LOT-024", 422):
        await strict.receive("S-2", expires_on="2031-10")
    await strict.receive("S-2", manufactured_on=made, expires_on="2031-10", expiry_reason="供方标签如此")
    assert dates(strict, "S-2")[1:] == ("month", months_later(TODAY - timedelta(days=30), 12), "供方标签如此")


async def test_what_arrives_expired_is_never_accepted(strict: Plant) -> None:
    gone: dict[str, Any] = {"expires_on": (TODAY - timedelta(days=1)).isoformat(), "retest_on": "2027-01-01"}
    with refused(strict.engine, "LOT-023", 422):
        await strict.receive("S-3", **gone)
    await strict.receive("S-3", **gone, expiry_reason="供方要求退回评估")
    await strict.measure("S-3")
    command = strict.completion(strict.task("S-3", "inspect"), strict.by("lin.jian"), "accepted")
    with refused(strict.engine, "INS-026", 409, zh="S-3", en="S-3"):
        do(strict.engine, "complete_task", command)
    await strict.complete("S-3", "inspect", "lin.jian", "failed")
    assert strict.status("S-3") == "received"
    await strict.complete("S-3", "disposition", "chen.pi", "reject", reason="已过期")
    assert strict.status("S-3") == "rejected"


async def test_an_order_takes_its_expiry_from_the_master_or_says_why_not(strict: Plant) -> None:
    await strict.order("S-4", expires_on=None)
    assert dates(strict, "S-4")[:2] == (months_later(TODAY, 60), "day")
    with refused(strict.engine, "LOT-022", 422):
        await strict.order("S-5", expires_on="2040-01")
    await strict.order("S-5", expires_on="2040-01", expiry_reason="稳定性研究批")
    codes = found(strict, "S-5")
    assert "稳定性研究批" in codes["EV-LOT-7"]


async def test_a_sterile_batch_without_expiry_is_not_clean_at_its_release(desk: Plant) -> None:
    """One from before the master was asked."""
    await desk.material("S-6")
    await desk.order("S-7", expires_on=None)
    master(desk, "HIP-12", sterile=True)
    assert "没有记录" in found(desk, "S-7")["EV-LOT-6"]
    master(desk, "HIP-12", sterile=False)


async def test_material_past_its_retest_date_makes_a_deviation(strict: Plant) -> None:
    await strict.receive("S-8", manufactured_on="2026-01-01", retest_on=(TODAY - timedelta(days=3)).isoformat())
    await strict.measure("S-8")
    await strict.complete("S-8", "inspect", "lin.jian", "accepted")
    await strict.order("S-9", expires_on=None)
    consumes = ({"lot_no": "S-8", "quantity": 5},)
    do(strict.engine, "record_operation", strict.operation("S-9", 10, equipment=("M-07",), consumes=consumes))
    assert "S-8 投料时" in found(strict, "S-9")["EV-MATERIAL-10"]


@given(st.dates(date(1850, 1, 1), date(2200, 1, 1)), st.dates(date(1971, 1, 1), date(2100, 1, 1)))
def test_nothing_is_made_tomorrow_or_before_clocks_began(made: date, today: date) -> None:
    told = PrintedDate(made)
    if date(1970, 1, 1) <= made <= today:
        shelf_life.check_days(told, today, None)
    else:
        with pytest.raises(Refusal, match="LOT-026"):
            shelf_life.check_days(told, today)
    if made < date(1970, 1, 1):
        with pytest.raises(Refusal, match="LOT-027"):
            shelf_life.check_days(None, today, told)


async def test_a_receipt_dated_in_the_future_or_before_clocks_began_has_its_own_refusal(desk: Plant) -> None:
    for day in ("2130-01-01", "1969-12-31", (TODAY + timedelta(days=1)).isoformat()):
        with refused(desk.engine, "LOT-026", 422, zh=day, en=day):
            await desk.receive("S-20", manufactured_on=day)
    with refused(desk.engine, "LOT-027", 422, zh="1925-10"):
        await desk.receive("S-20", expires_on="1925-10", expiry_reason="供方标签如此")
    with refused(desk.engine, "LOT-027", 422):
        await desk.order("S-21", expires_on="1925-10", expiry_reason="稳定性研究批")
    await desk.receive("S-20", manufactured_on=TODAY.isoformat())


async def test_nothing_expires_or_is_tested_again_before_it_was_made(desk: Plant) -> None:
    """At receipt, at an order, and by SQL; of dates that are printed as a month the best day counts."""
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    for expires_on in ("1970-01-01", yesterday):
        with refused(desk.engine, "LOT-007", 422):
            await desk.order("S-30", expires_on=expires_on, expiry_reason="稳定性研究批")
    with refused(desk.engine, "LOT-033", 422, zh="2026-08", en="2026-09-01"):
        await desk.receive("S-31", manufactured_on="2026-09-01", retest_on="2026-08")
    await desk.receive("S-31", manufactured_on="2026-09-30", retest_on="2026-09", expires_on="2031-09")
    await desk.order("S-30", expires_on=TODAY.isoformat()[:7])
    for statement in (
        "update lot set expires_on = '2026-08-01', expiry_precision = 'month' where lot_no = 'S-31'",
        "update lot set retest_on = '2026-09-29', retest_precision = 'day' where lot_no = 'S-31'",
        "update lot set manufactured_on = '2026-10-01' where lot_no = 'S-31'",
    ):
        with pytest.raises(Refusal) as caught, act(desk.engine, SETUP) as session:
            session.connection().execute(text(statement))
        assert getattr(caught.value.__cause__.orig, "sqlstate", None) == "BW315"  # type: ignore[union-attr]
