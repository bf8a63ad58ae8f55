"""When a temporary change is over and what that means for a batch, as pure rules (ISO 13485 7.3.9; STANDARDS X 53; REQUIREMENTS 46)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.change.rules import temporary
from models.change.rules.temporary import End, Fate, Why
from models.kernel.refusal import Refusal

TODAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
DAYS = st.none() | st.integers(-3, 9).map(lambda n: TODAY + timedelta(days=n))
NUMBERS = st.none() | st.integers(-1, 6)
ENDS = st.builds(End, DAYS, NUMBERS)


@given(ENDS)
def test_it_says_a_day_to_come_or_one_batch_at_least(end: End) -> None:
    if end == End(None, None) or (end.batches is not None and end.batches < 1) or (end.day or TODAY) < TODAY:
        with pytest.raises(Refusal, match=r"CHG-03[01]"):
            temporary.check_end(end, TODAY)
    else:
        temporary.check_end(end, TODAY)


@given(st.none() | st.integers(-3, 3), st.none() | st.integers(1, 4), st.integers(0, 4))
def test_it_is_over_by_whichever_is_first(hours: int | None, most: int | None, made: int) -> None:
    ends = None if hours is None else NOW + timedelta(hours=hours)
    found = temporary.over(ends, most, made, NOW)
    assert (found is not None) == ((most is not None and made >= most) or (hours is not None and hours <= 0))
    assert found is not Why.HAND
    # a place in the number is only taken before the day has ended, so the number was first
    assert (found is Why.NUMBER) == (most is not None and made >= most)
    assert temporary.begun_before(NOW, ends) == (hours is None or hours > 0)  # at that very moment it is over


@given(st.sampled_from(Why), st.booleans(), st.booleans(), st.booleans())
def test_only_what_ran_so_is_under_way_and_undecided_pauses_and_not_what_the_number_was_for(
    why: Why, ran_so: bool, under_way: bool, decided: bool
) -> None:
    fate = temporary.at_the_end(why, ran_so=ran_so, under_way=under_way, decided=decided)
    assert (fate is Fate.OLD_WAY) == (not ran_so)
    assert (fate is Fate.PAUSES) == (ran_so and under_way and not decided and why is not Why.NUMBER)


@given(ENDS, ENDS, st.none() | st.sampled_from(Why))
def test_an_extension_is_longer_in_one_and_shorter_in_nothing(was: End, asked: End, ended: Why | None) -> None:
    new = End(asked.day or was.day, was.batches if asked.batches is None else asked.batches)
    pairs = [(was.day, new.day), (was.batches, new.batches)]
    same = all((one is None) == (other is None) for one, other in pairs)
    longer = any(one is not None and other is not None and other > one for one, other in pairs)  # type: ignore[operator]
    shorter = any(one is not None and other is not None and other < one for one, other in pairs)  # type: ignore[operator]
    past = new.day is not None and new.day < TODAY
    if ended or not same or shorter or not longer or past:
        with pytest.raises(Refusal, match=r"CHG-03[134]"):
            temporary.check_extension("CHT-1", was, asked, ended, TODAY)
    else:
        assert temporary.check_extension("CHT-1", was, asked, ended, TODAY) == new


@given(st.integers(0, 400), st.sets(st.integers(0, 6), max_size=4))
def test_its_owner_is_asked_so_many_working_days_before(n: int, free: set[int]) -> None:
    last = TODAY + timedelta(days=n)
    asked = temporary.remind_on(last, lambda day: day.weekday() not in free)
    between = [asked + timedelta(days=one) for one in range((last - asked).days)]
    assert sum(day.weekday() not in free for day in between) == temporary.REMINDED
    assert asked.weekday() not in free


@given(st.integers(1, 1000))
def test_its_owner_is_asked_before_the_last_batch(most: int) -> None:
    assert 0 <= temporary.near(most) < most
    assert most - temporary.near(most) <= max(1, most / 5)


@given(st.sets(st.integers(1, 4), max_size=2), st.sets(st.integers(1, 4), min_size=1, max_size=2))
def test_who_asked_for_more_time_does_not_approve_it(asked_by: set[int], people: set[int]) -> None:
    if asked_by & people:
        with pytest.raises(Refusal, match="CHG-035"):
            temporary.check_other("CHT-1", asked_by, people)
    else:
        temporary.check_other("CHT-1", asked_by, people)
