"""How points are lost: by the published table and nothing else, never below nothing, and never a whole hundred where anything was lost."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.supplier.rules.score import (
    AREAS,
    DAYS,
    DECIDED,
    NAMES,
    RECEIVED,
    WHOLE,
    Band,
    Figure,
    period,
    score,
    tenths,
)

COUNTS = st.fixed_dictionaries({one: st.integers(0, 40) for one in Figure})
LOSING = tuple(one for area in AREAS for one in area.weights)


def test_a_score_is_worked_out_by_hand() -> None:
    counts = {
        Figure.FIRST: 15,
        Figure.AGAIN: 2,
        Figure.CONCEDED: 1,
        Figure.REJECTED: 2,
        Figure.UNDECIDED: 5,
        Figure.MAJOR: 2,
        Figure.CRITICAL: 1,
        Figure.MINOR: 5,
        Figure.LATE: 1,
        Figure.ON_TIME: 2,
        Figure.WAITING: 7,
        Figure.ALERT: 1,
        Figure.NO_CERTIFICATE: 5,
    }
    found = score(counts)
    assert {one.area.key: one.points for one in found.lost} == {
        "lots": Fraction("7.5"),  # 50 × (2/4 + 1/2 + 2) ÷ 20
        "nonconformances": Fraction("2.8"),  # 20 × (2/2 + 2 + 5/10) ÷ 25
        "requests": Fraction(5),  # 15 × 1 ÷ 3
        "alerts": Fraction(2),  # 10 × 5 ÷ 25
        "certificates": Fraction(1),  # 5 × 5 ÷ 25
    }
    assert (found.text, found.band) == ("81.7", Band.FAIR)


@given(COUNTS)
def test_it_lies_between_nothing_and_a_hundred_and_is_a_hundred_only_where_nothing_was_lost(
    counts: dict[Figure, int],
) -> None:
    found = score(counts)
    lost = any(counts[one] for one in LOSING)
    judged = lost or any(counts[one] for one in DECIDED)
    assert (found.points is None) == (not judged)
    assert (found.band is Band.NONE) == (not judged)
    if found.points is not None:
        assert 0 <= found.points <= WHOLE
        assert (found.text == "100.0") == (not lost)
        assert WHOLE - found.points == sum(one.points for one in found.lost)


@given(COUNTS, st.sampled_from(sorted(LOSING)))
def test_one_more_of_what_loses_points_is_never_better(counts: dict[Figure, int], more: Figure) -> None:
    before, after = score(counts), score({**counts, more: counts[more] + 1})
    if more not in RECEIVED:  # one more lot is a larger base too, so that earlier trouble weighs less
        assert after.points is not None
        assert before.points is None or after.points <= before.points
    ours = next(n for n, one in enumerate(AREAS) if more in one.weights)
    assert after.lost[ours].points > 0
    assert (
        after.lost[ours].points >= before.lost[ours].points
        or Fraction(AREAS[ours].weights[more]) * AREAS[ours].most < before.lost[ours].points
    )


@given(COUNTS, st.integers(2, 9))
def test_as_many_times_as_much_of_everything_is_the_same_score(counts: dict[Figure, int], times: int) -> None:
    counts[Figure.FIRST] += 1  # a base is one at least
    counts[Figure.ON_TIME] += 1
    assert score(counts).points == score({one: n * times for one, n in counts.items()}).points


def test_every_figure_has_a_name_and_loses_points_in_one_area_at_most() -> None:
    assert set(NAMES) == set(Figure)
    assert len(LOSING) == len(set(LOSING))
    assert sum(one.most for one in AREAS) == WHOLE


@given(st.fractions(0, 100))
def test_what_is_kept_is_rounded_down_and_what_is_lost_up(points: Fraction) -> None:
    assert 0 <= points - Fraction(tenths(points, up=False)) < Fraction(1, 10)
    assert 0 <= Fraction(tenths(points, up=True)) - points < Fraction(1, 10)


@given(st.dates(date(2000, 1, 1)), st.integers(0, 2000))
def test_the_time_is_that_which_is_asked_for_else_the_last_days(today: date, ago: int) -> None:
    whole = period(None, None, today)
    assert (whole.until, (whole.until - whole.since).days) == (today, DAYS - 1)
    since = today - timedelta(days=ago)
    assert period(since, None, today).since == since
    if ago:
        with pytest.raises(Refusal, match="SUP-021"):
            period(today, since, today)
