"""Durations and readings of the demo company: believable for any batch, and the same each time."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from runtime.demo import routings, spread
from runtime.demo.masters import CHECKS

LOTS = st.from_regex(r"[A-Z]{1,3}-26[0-9]{2}-[0-9]{2}", fullmatch=True)
ROUTES = (
    routings.MOUNTING,
    routings.JOINING,
    routings.ASSEMBLY,
    routings.MACHINING,
    routings.TITANIUM,
    routings.WINDING,
)
SOME = [f"S-2611-{n}" for n in range(18, 23)]


@given(LOTS)
def test_a_later_operation_begins_later_and_burn_in_takes_a_day(lot_no: str) -> None:
    for route in ROUTES:
        took = [spread.takes(step["code"], lot_no) for step in route]
        assert took == sorted(took, reverse=True), "all of them end as they are told"
        assert len(set(took)) == len(took)
    assert timedelta(hours=24) <= spread.takes("BURN", lot_no) <= timedelta(hours=26)
    assert spread.takes("CLEAN", lot_no) <= timedelta(minutes=45)


@given(LOTS)
def test_the_air_is_within_the_limits_of_its_room(lot_no: str) -> None:
    told = {routings.HUMIDITY: spread.humidity(lot_no), routings.TEMPERATURE: spread.temperature(lot_no)}
    for one in routings.AIR:
        assert Decimal(str(one["lower"])) < Decimal(told[str(one["name"])]) < Decimal(str(one["upper"]))
    assert Decimal(str(routings.ACID["lower"])) < Decimal(spread.acid(lot_no)) < Decimal(str(routings.ACID["upper"]))


def test_metal_is_passivated_before_it_is_cleaned_and_plastic_is_not() -> None:
    assert [one["code"] for one in routings.TITANIUM] == ["MACH", "PASS", "CLEAN"]
    assert "PASS" not in {one["code"] for one in routings.MACHINING}


def test_readings_vary_from_batch_to_batch_and_from_sample_to_sample() -> None:
    assert len({(spread.humidity(lot), spread.temperature(lot)) for lot in SOME}) == len(SOME)
    assert len({spread.takes("WIND", lot) for lot in SOME}) > 2
    assert len({spread.around("9.4", lot, n) for lot in SOME for n in (1, 2, 3)}) >= 4
    assert spread.around("14.004", "H-2611-04", 1) in {f"14.00{n}" for n in range(2, 7)}


@given(LOTS, st.integers(1, 3))
def test_good_work_stays_within_its_limits_and_bad_work_without(lot_no: str, sample: int) -> None:
    for key, check in CHECKS.items():
        low, high = check.what.lower or Decimal("-Infinity"), check.what.upper or Decimal("Infinity")
        assert low <= Decimal(spread.around(check.usual, lot_no, sample)) <= high, key
        assert not check.wrong or not low <= Decimal(spread.around(check.wrong, lot_no, sample)) <= high, key


def test_the_same_batch_is_told_alike_on_every_machine() -> None:
    lot = "S-2611-20"
    assert (spread.humidity(lot), spread.temperature(lot)) == ("42", "22.6")
