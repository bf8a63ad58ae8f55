"""Nothing is written at a time before the last record's (21 CFR 11.10(e))."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules import clock
from models.rules.refusals import Refusal

LAST = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)


@given(st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
def test_a_clock_is_behind_when_it_shows_less_than_a_correction_explains(step: timedelta) -> None:
    now = LAST + step
    assert clock.behind(now, LAST) == (step < -clock.TOLERANCE)
    if clock.behind(now, LAST):
        with pytest.raises(Refusal, match="API-505") as no:
            clock.check(now, LAST, "Asia/Shanghai")
        assert "2026-11-28 16:00:00" in no.value.zh
        assert "2026-11-28 16:00:00" in no.value.en
    else:
        clock.check(now, LAST, "Asia/Shanghai")


def test_an_empty_record_takes_any_time() -> None:
    clock.check(datetime(1970, 1, 1, tzinfo=UTC), None, "Asia/Shanghai")
