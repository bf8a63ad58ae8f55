"""Nothing is written at a time before the last record's, nor while record and engine disagree about it (21 CFR 11.10(e))."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.kernel.time import clock
from models.kernel.time.clock import Ahead, Clocks

LAST = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
LONG = st.timedeltas(timedelta(days=-4000), timedelta(days=4000))
WAIT = st.timedeltas(timedelta(), timedelta(minutes=5))


@given(LONG)
def test_a_clock_is_behind_when_it_shows_less_than_a_correction_explains(step: timedelta) -> None:
    seen = Clocks(LAST + step, LAST)
    assert seen.behind == (step < -clock.TOLERANCE)
    if seen.behind:
        with pytest.raises(Refusal, match="API-505") as no:
            clock.check(seen, "Asia/Shanghai")
        assert "2026-11-28 16:00:00" in no.value.zh
        assert "2026-11-28 16:00:00" in no.value.en
    else:
        clock.check(seen, "Asia/Shanghai")


def test_an_empty_record_takes_any_time() -> None:
    clock.check(Clocks(datetime(1970, 1, 1, tzinfo=UTC), None), "Asia/Shanghai")


@given(st.timedeltas(-clock.LIMIT, clock.LIMIT), WAIT, WAIT)
def test_a_slow_network_is_never_taken_for_clocks_that_differ(
    difference: timedelta, there: timedelta, back: timedelta
) -> None:
    found = clock.compared(LAST + difference, LAST + there, LAST + difference + there + back)
    assert found.least <= difference <= found.most
    assert not found.apart


@given(LONG, WAIT, WAIT)
def test_clocks_that_differ_by_more_than_limit_and_waiting_are_always_found_apart(
    difference: timedelta, there: timedelta, back: timedelta
) -> None:
    found = clock.compared(LAST + difference, LAST + there, LAST + difference + there + back)
    assert found.least <= difference <= found.most
    assert found.apart <= (abs(difference) > clock.LIMIT), "what is found is so"
    assert found.apart >= (abs(difference) > clock.LIMIT + there + back), "what is so is found"
    assert abs(found.surely) <= abs(difference)
    assert not (found.apart and found.agree)


@given(LONG, LONG, WAIT)
def test_a_clock_that_is_set_during_the_comparison_makes_it_wide_and_not_wrong(
    before: timedelta, after: timedelta, there: timedelta
) -> None:
    found = clock.compared(LAST + before, LAST + there, LAST + after)
    assert found.least <= found.most
    assert found.apart == (min(before, after) - there > clock.LIMIT or max(before, after) - there < -clock.LIMIT), (
        "apart only where neither reading agrees"
    )


@given(LONG, st.booleans())
def test_nothing_is_written_while_the_clocks_are_apart_and_all_is_when_they_are_not_compared(
    difference: timedelta, compared: bool
) -> None:
    seen = Clocks(LAST, LAST, Ahead(difference, difference) if compared else None)
    if compared and abs(difference) > clock.LIMIT:
        with pytest.raises(Refusal, match="API-511") as no:
            clock.check(seen, "Asia/Shanghai")
        assert no.value.code in clock.PASSING
        assert "2026-11-28 16:00:00" in no.value.zh
    else:
        clock.check(seen, "Asia/Shanghai")
