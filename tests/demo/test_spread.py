"""Durations and readings of the demo company: believable for any batch, and the same each time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from models.calendar.store import shipped
from models.kernel.time.moments import plant_day
from runtime.demo.before import spread
from runtime.demo.before.agenda import CAME, LATE_ENTRY_HOURS, MADE, Agenda
from runtime.demo.before.legacy import Days
from runtime.demo.company import routings
from runtime.demo.company.masters import CHECKS
from runtime.demo.company.numbers import Numbers
from runtime.demo.stories import LOADS
from tests.demo.times import in_hours

LOTS = st.from_regex(r"[A-Z]{1,3}-26[0-9]{2}-[0-9]{2}", fullmatch=True)
ROUTES = {
    "MB": routings.MOUNTING,
    "AED": routings.ASSEMBLY,
    "C": routings.MACHINING,
    "H": routings.TITANIUM,
    "S": routings.WINDING,
}
"""By what a batch's key begins with."""
STARTS = st.datetimes(datetime(2025, 11, 20), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
PLANT = "Asia/Shanghai"
SOME = [f"S-2611-{n}" for n in range(18, 23)]


def days(begun: datetime) -> Days:
    calendar = shipped().calendar("china")
    assert calendar is not None
    return Days(plant_day(begun, PLANT), calendar, ZoneInfo(PLANT))


@given(STARTS)
@example(datetime(2027, 2, 12, 3, tzinfo=UTC))  # in the week of the Spring Festival
@example(datetime(2026, 10, 8, 20, tzinfo=UTC))
def test_whenever_it_is_loaded_operations_follow_each_other_and_lie_before(begun: datetime) -> None:
    numbers = Numbers.at(begun, PLANT)
    agenda = Agenda(days(begun), numbers)
    for key, made in MADE.items():
        lot_no = numbers(key)
        codes = {step["seq"]: step["code"] for step in ROUTES[key.partition("-")[0]]}
        assert sorted(made.steps) == sorted(codes), key
        opened = agenda.opened(lot_no)
        assert opened is not None
        assert begun - opened < timedelta(hours=LATE_ENTRY_HOURS), "none is a late entry"
        last = opened
        for seq in sorted(codes):
            began, ended = agenda.period(lot_no, seq, codes[seq])
            assert last < began < ended < begun, (key, seq)
            last = ended
            if codes[seq] in spread.TAKES:
                assert in_hours(began, "08:00", "17:30"), (key, seq)
                assert in_hours(ended, "08:00", "17:30"), (key, seq)
            if codes[seq] == "AIR":
                assert ended - began >= timedelta(hours=48)
    for key in CAME:
        came = agenda.came(numbers(key))
        assert came is not None
        assert came < begun


@given(STARTS)
def test_batches_of_one_load_were_in_it_together(begun: datetime) -> None:
    numbers = Numbers.at(begun, PLANT)
    agenda = Agenda(days(begun), numbers)
    loads: dict[str, set[tuple[datetime, datetime]]] = {}
    for key, load in LOADS.items():
        loads.setdefault(load, set()).add(agenda.period(numbers(key), 30, "GAMMA"))
    assert [load for load, times in loads.items() if len(times) != 1] == []


def test_numbers_follow_the_day_of_loading_in_the_plant() -> None:
    eve = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight of the new year in Suzhou
    number = Numbers.at(eve, PLANT)
    assert (number("S-20"), number.month_before) == ("S-2701-20", "2612")
    assert Numbers.at(eve, "America/Lima")("SHP-01") == "SHP-2612-01"


@given(LOTS)
def test_doses_and_gas_lie_within_what_was_validated(load_no: str) -> None:
    least, most = map(Decimal, spread.dose(load_no))
    for one, value in zip(routings.DOSE, (least, most), strict=True):
        assert Decimal(one["lower"]) <= value <= Decimal(one.get("upper", "Infinity"))
    assert least < most
    for one, told in zip(routings.CHAMBER, spread.gas(load_no).values(), strict=True):
        assert Decimal(one["lower"]) <= Decimal(told) <= Decimal(one["upper"])


@given(LOTS)
def test_the_air_is_within_the_limits_of_its_room(lot_no: str) -> None:
    told = {routings.HUMIDITY: spread.humidity(lot_no), routings.TEMPERATURE: spread.temperature(lot_no)}
    for one in routings.AIR:
        assert Decimal(str(one["lower"])) < Decimal(told[str(one["name"])]) < Decimal(str(one["upper"]))
    assert Decimal(str(routings.ACID["lower"])) < Decimal(spread.acid(lot_no)) < Decimal(str(routings.ACID["upper"]))


def test_metal_is_passivated_before_it_is_cleaned_and_plastic_is_not() -> None:
    assert [one["code"] for one in routings.TITANIUM] == ["MACH", "PASS", "CLEAN", "SEAL", "GAMMA", "DOSE"]
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
