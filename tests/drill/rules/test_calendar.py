"""The calendar of drills: no quarter is left out, none counts twice, and one without a drill is seen to be (REQ 81)."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.drill.rules.calendar import Held, calendar, windows

ZONE = ZoneInfo("Asia/Shanghai")
BEGAN = datetime(2025, 1, 10, tzinfo=UTC)
moments = st.datetimes(datetime(2025, 2, 1), datetime(2031, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - zone is drawn


def at(day: str, clock: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


def held(day: str, status: str = "closed", *, scheduled: bool = True) -> Held:
    return Held(f"RD-{day}", at(day), status, scheduled)


@given(moments)
def test_every_quarter_since_the_beginning_is_there_once(now: datetime) -> None:
    slots = calendar([], BEGAN, now, ZONE)
    firsts = [one.first for one in slots]
    assert firsts == sorted(set(firsts))
    assert firsts[0] == date(2025, 2, 2), "the window before was over when the plant began"
    gaps = {(later - earlier).days for earlier, later in pairwise(firsts)}
    assert gaps <= {89, 90, 92}
    assert [one.state for one in slots].count("planned") == 4
    assert [one.state for one in slots].count("due") <= 1


@given(
    moments, st.lists(st.tuples(moments, st.sampled_from(["open", "closed", "withdrawn"]), st.booleans()), max_size=12)
)
def test_every_drill_that_counts_stands_in_one_quarter(now: datetime, some: list[tuple[datetime, str, bool]]) -> None:
    drills = [
        Held(f"RD-{n}", moment, status, planned) for n, (moment, status, planned) in enumerate(some) if moment <= now
    ]
    named = [name for one in calendar(drills, BEGAN, now, ZONE) for name in one.drills]
    first = at("2025-02-02", "00:00")
    assert sorted(named) == sorted(one.recall_no for one in drills if one.status != "withdrawn" and one.opened >= first)


@pytest.mark.parametrize(
    ("drills", "now", "state"),
    [
        ([], "2026-11-01", "planned"),
        ([], "2026-11-02", "due"),
        ([], "2026-11-16", "due"),
        ([], "2026-11-17", "missed"),
        ([held("2026-11-05", "open")], "2026-11-20", "open"),
        ([held("2026-11-05")], "2026-11-20", "done"),
        ([held("2027-01-30", scheduled=False)], "2027-01-31", "done"),
        ([held("2026-11-05", "withdrawn")], "2026-11-20", "missed"),
        ([held("2026-11-01")], "2026-11-20", "missed"),
    ],
)
def test_how_a_quarter_stands(drills: list[Held], now: str, state: str) -> None:
    slots = {one.quarter: one.state for one in calendar(drills, BEGAN, at(now), ZONE)}
    assert slots["2026 Q4"] == state


def test_midnight_is_the_plants() -> None:
    """16:00 UTC on the first is the second in Shanghai."""
    night = Held("RD-1", datetime(2026, 11, 1, 16, 30, tzinfo=UTC), "closed", scheduled=True)
    slots = {one.quarter: one for one in calendar([night], BEGAN, at("2026-11-20"), ZONE)}
    assert slots["2026 Q4"].drills == ("RD-1",)


def test_a_missed_quarter_names_the_drill_that_was_in_its_way() -> None:
    slots = {one.quarter: one for one in calendar([held("2026-08-04", "open")], BEGAN, at("2026-11-20"), ZONE)}
    assert (slots["2026 Q3"].state, slots["2026 Q4"].state) == ("open", "missed")
    assert slots["2026 Q4"].waiting == "RD-2026-08-04"


def test_a_plant_that_began_after_a_window_has_not_missed_it() -> None:
    began = at("2026-11-20")
    assert next(one.quarter for one in calendar([], began, at("2026-11-22"), ZONE)) == "2027 Q1"
    (first, *_) = calendar([held("2026-11-21", scheduled=False)], began, at("2026-11-22"), ZONE)
    assert (first.quarter, first.state) == ("2026 Q4", "done")
    (first, *_) = calendar([], at("2026-11-10"), at("2026-11-22"), ZONE)
    assert (first.quarter, first.state) == ("2026 Q4", "missed")


def test_quarters_follow_each_other_without_a_gap() -> None:
    assert windows(date(2026, 11, 20), date(2027, 2, 2)) == (date(2026, 11, 2), date(2027, 2, 2))
    assert windows(date(2027, 2, 1), date(2027, 2, 1)) == (date(2026, 11, 2),)
