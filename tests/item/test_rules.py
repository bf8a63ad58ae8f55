"""Expiry and retest dates come from the item master; what differs is asked (ISO 13485 7.5.11; 21 CFR 801.18)."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.item.rules import shelf_life
from models.item.rules.shelf_life import Master
from models.kernel.refusal import Refusal
from models.kernel.time.moments import PrintedDate, months_later

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
FIVE = Master("HS-1214", months=60)


@given(DAYS, st.integers(1, 120))
def test_what_is_told_as_the_master_gives_it_needs_no_reason_and_stays_as_printed(made: date, months: int) -> None:
    right = months_later(made, months)
    for told in (PrintedDate(right), PrintedDate(right.replace(day=1), "month")):
        assert shelf_life.settle(Master("X", months=months), told, made, None) == told


@given(DAYS, st.integers(1, 120), DAYS)
def test_what_differs_from_the_master_is_never_taken_without_a_reason(made: date, months: int, told: date) -> None:
    master, printed = Master("X", months=months), PrintedDate(told)
    if told == months_later(made, months):
        assert shelf_life.settle(master, printed, made, " ") == printed
    else:
        with pytest.raises(Refusal, match="LOT-022"):
            shelf_life.settle(master, printed, made, " ")
        assert shelf_life.settle(master, printed, made, "按供方标签") == printed


@given(DAYS)
def test_an_expiry_that_nobody_told_is_the_one_that_the_master_gives(made: date) -> None:
    assert shelf_life.settle(FIVE, None, made, None) == PrintedDate(months_later(made, 60))


@pytest.mark.parametrize("master", [FIVE, Master("X", on_label=True), Master("X", sterile=True)])
def test_a_batch_that_must_expire_has_an_expiry_or_a_reason_why_not(master: Master) -> None:
    with pytest.raises(Refusal, match="LOT-021") as info:
        shelf_life.settle(master, None, None, None)
    assert info.value.status == 422
    assert shelf_life.settle(master, None, None, "标签无有效期") is None


def test_an_item_that_says_nothing_asks_nothing() -> None:
    assert shelf_life.settle(Master("X"), None, None, None) is None
    told = PrintedDate(date(2031, 10, 1), "month")
    assert shelf_life.settle(Master("X"), told, date(2026, 1, 1), None) == told
    assert shelf_life.retest(Master("X"), None, None) is None


def test_what_arrives_expired_is_received_only_with_a_reason_by_the_plants_day() -> None:
    last = PrintedDate(date(2026, 11, 27))
    night = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)  # the 28th in Suzhou
    with pytest.raises(Refusal, match="LOT-023"):
        shelf_life.check_arrival("R-1", last, night, "Asia/Shanghai", None)
    shelf_life.check_arrival("R-1", last, night, "UTC", None)
    shelf_life.check_arrival("R-1", last, night, "Asia/Shanghai", "退货评估用")
    shelf_life.check_arrival("R-1", PrintedDate(date(2026, 11, 1), "month"), night, "Asia/Shanghai", None)


def test_a_retest_date_is_told_or_comes_from_the_master_or_is_asked() -> None:
    yearly = Master("PEEK", retest_months=12)
    told = PrintedDate(date(2027, 5, 1), "month")
    assert shelf_life.retest(yearly, told, None) == told
    assert shelf_life.retest(yearly, None, date(2028, 2, 29)) == PrintedDate(date(2029, 2, 28))
    with pytest.raises(Refusal, match="LOT-024"):
        shelf_life.retest(yearly, None, None)
