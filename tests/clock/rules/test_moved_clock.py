"""Where a test home's clock goes next: past nothing that is due, never back, and there in the end (DESIGN 13)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.clock import rules as moved_clock
from models.drill.rules import calendar as drill_calendar
from models.kernel.refusal import Refusal

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENTS = st.integers(-1000, 1000).map(lambda hours: NOW + timedelta(hours=hours))


@given(hours=st.integers(1, 1000), due=st.lists(MOMENTS, max_size=30))
def test_the_clock_stands_at_every_due_moment_on_its_way_in_order_and_at_no_other(
    hours: int, due: list[datetime]
) -> None:
    target, at, stood = NOW + timedelta(hours=hours), NOW, []
    while at < target:
        following = moved_clock.step(at, target, due)
        assert at < following <= target
        at = following
        stood.append(at)
    assert stood == sorted({one for one in due if NOW < one < target} | {target})


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("90m", NOW + timedelta(minutes=90)),
        ("12H", NOW + timedelta(hours=12)),
        (" 30 d ", NOW + 30 * DAY),
        ("2w", NOW + 14 * DAY),
        ("2027-01-31", datetime(2027, 1, 30, 16, tzinfo=UTC)),
        ("2027-01-31T08:00", datetime(2027, 1, 31, 0, tzinfo=UTC)),
        ("2027-01-31T08:00:00Z", datetime(2027, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_a_length_of_time_or_a_date_of_the_plant_is_read(said: str, meant: datetime) -> None:
    assert moved_clock.read(said, NOW, SHANGHAI) == meant


@pytest.mark.parametrize("said", ["", "30", "-3d", "30 days", "３０d", "2027-02-30", "9999999w", "31.01.2027"])
def test_what_is_no_length_of_time_is_refused(said: str) -> None:
    with pytest.raises(Refusal, match="API-517"):
        moved_clock.read(said, NOW, SHANGHAI)


@pytest.mark.parametrize(
    ("to", "target", "reason", "code"),
    [
        (NOW, None, "CAPA", "API-514"),
        (NOW - DAY, None, "CAPA", "API-514"),
        (NOW + moved_clock.MOST + DAY, None, "CAPA", "API-514"),
        (NOW + DAY, NOW + DAY, "CAPA", "API-515"),
        (NOW + DAY, None, " ", "API-516"),
    ],
)
def test_the_clock_goes_forward_only_not_too_far_once_at_a_time_and_for_a_reason(
    to: datetime, target: datetime | None, reason: str, code: str
) -> None:
    with pytest.raises(Refusal, match=code):
        moved_clock.check(NOW, to, target, reason, SHANGHAI)
    moved_clock.check(NOW, NOW + moved_clock.MOST, NOW - DAY, "CAPA", SHANGHAI)


def test_a_year_has_four_drills_in_the_plants_morning() -> None:
    year = drill_calendar.drills(NOW, NOW + 365 * DAY, SHANGHAI)
    assert [(one.month, one.day, one.hour) for one in year] == [(2, 2, 9), (5, 2, 9), (8, 2, 9), (11, 2, 9)]
    assert drill_calendar.drills(year[0], year[0] + DAY, SHANGHAI) == []
