"""Days of the plant and dates as they are printed, around midnight, month's end and leap days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import TypeAdapter, ValidationError

from models.kernel.time import moments
from models.kernel.time.moments import PrintedDate

SUZHOU = "Asia/Shanghai"
INSTANTS = some.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001 - the strategy adds it
DAYS = some.dates(date(2000, 1, 1), date(2099, 12, 31))
PRINTED = some.builds(PrintedDate, DAYS, some.sampled_from(("day", "month")))
ZONES = some.sampled_from((SUZHOU, "UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Europe/Berlin"))


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), "2026-11-20"),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "2026-11-21"),
        (datetime(2026, 11, 20, 23, 59, tzinfo=UTC), "2026-11-21"),
        (datetime(2026, 11, 21, 0, 1, tzinfo=UTC), "2026-11-21"),
    ],
)
def test_from_midnight_to_eight_the_plant_is_a_day_ahead_of_the_server(at: datetime, day: str) -> None:
    assert moments.plant_day(at, SUZHOU).isoformat() == day
    assert moments.day(at, ZoneInfo(SUZHOU)) == day
    assert moments.minute(at, SUZHOU).startswith(day)


@given(INSTANTS, ZONES)
def test_every_instant_lies_within_its_plant_day(at: datetime, zone: str) -> None:
    day = moments.plant_day(at, zone)
    assert moments.day_begins(day, zone) <= at < moments.day_ends(day, zone)


@given(PRINTED)
def test_what_is_printed_is_read_back_as_it_was(one: PrintedDate) -> None:
    assert len(str(one)) == (7 if one.precision == "month" else 10)
    read = PrintedDate.read(str(one))
    assert read is not None
    assert (str(read), read.first, read.last) == (str(one), one.first, one.last)
    wire = TypeAdapter(PrintedDate)
    assert wire.dump_python(one, mode="json") == str(one)
    assert wire.validate_python(str(one)) == read


@given(PRINTED, INSTANTS, ZONES)
def test_a_printed_date_is_over_when_its_last_day_has_ended_in_the_plant(
    one: PrintedDate, at: datetime, zone: str
) -> None:
    assert one.over(at, zone) == (at >= moments.day_ends(one.last, zone))
    assert (one.last + timedelta(days=1)).day == 1 or one.precision == "day"


@pytest.mark.parametrize(
    "text", ["", "2031", "2031-13", "2031-00", "2031-10-00", "2031-02-29", "31.10.2031", "２０３１-10"]
)
def test_what_is_no_date_is_not_read(text: str) -> None:
    assert PrintedDate.read(text) is None
    with pytest.raises(ValidationError):
        TypeAdapter(PrintedDate).validate_python(text)


@pytest.mark.parametrize(
    ("made", "months", "ends"),
    [
        ("2026-11-21", 60, "2031-11-21"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-08-31", 1, "2026-09-30"),
    ],
)
def test_shelf_life_counts_calendar_months_and_never_a_day_more(made: str, months: int, ends: str) -> None:
    assert moments.months_later(date.fromisoformat(made), months).isoformat() == ends


@given(DAYS, some.integers(1, 400))
def test_months_later_lies_in_that_month_on_that_day_or_its_last(day: date, months: int) -> None:
    later = moments.months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)
