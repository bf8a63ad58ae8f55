"""What shows that a CAPA has helped, and what is a pattern (ISO 13485 8.5.2; STANDARDS P 50, 52)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.capa import rules
from models.capa.rules import Criterion, Measure, Result
from models.kernel.refusal import Refusal
from models.nonconformance.rules import SPAN, together

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.lists(st.integers(0, 90).map(lambda n: START + n * DAY), min_size=1, max_size=12)
LIMITS = st.decimals(0, 100, places=2)
TODAY = date(2026, 11, 30)


@given(MOMENTS, st.randoms(use_true_random=False), st.data())
def test_most_of_one_cause_within_thirty_days_whatever_the_order(
    moments: list[datetime], random: object, data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(moments))
    found = together(moments, one)
    mixed = list(moments)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert together(mixed, one) == found
    first, last, count = found
    assert first <= one <= last
    assert last - first <= SPAN
    assert count == sum(first <= at <= last for at in moments)
    # no other stretch of thirty days around it has more, counted anew
    around = [start for start in moments if start <= one <= start + SPAN]
    assert count == max(sum(start <= at <= start + SPAN for at in moments) for start in around)


@given(LIMITS, st.integers(0, 200), st.sampled_from(["at_most", "at_least"]))
def test_findings_are_counted_where_there_are_none_too(limit: Decimal, count: int, direction: rules.Direction) -> None:
    criterion = Criterion(measure=Measure.FINDINGS, direction=direction, limit=limit)
    good = count <= limit if direction == "at_most" else count >= limit
    assert rules.judge(criterion, Decimal(count), count) is (Result.EFFECTIVE if good else Result.FAILED)


@given(st.sampled_from([Measure.FAILED_SHARE, Measure.MEAN]), st.integers(0, 20), st.integers(1, 20), LIMITS)
def test_a_share_or_mean_of_too_few_says_nothing(measure: Measure, observed: int, least: int, limit: Decimal) -> None:
    criterion = Criterion(measure=measure, direction="at_most", limit=limit, least=least)
    value = Decimal(0) if observed else None
    assert (rules.judge(criterion, value, observed) is Result.NO_DATA) == (observed < least)


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_share_is_in_percent(failed: int, of: int) -> None:
    found = rules.share(failed, of)
    assert found is not None
    assert abs(found * of - 100 * failed) <= of * rules.PLACES


def test_nothing_has_no_share_and_no_mean() -> None:
    assert rules.share(0, 0) is None
    assert rules.mean([]) is None
    assert rules.mean([Decimal("1.00"), Decimal("1.01"), Decimal("1.01")]) == Decimal("1.006667")


FINDINGS = Criterion(measure=Measure.FINDINGS, direction="at_most", limit=Decimal(0))


@pytest.mark.parametrize(
    ("code", "measured_on", "actions", "criterion"),
    [
        ("CAP-012", date(2027, 1, 1), [], FINDINGS),
        ("CAP-013", date(2027, 1, 1), [("x", date(2026, 11, 29))], FINDINGS),
        ("CAP-004", date(2026, 12, 1), [("x", date(2026, 12, 1))], FINDINGS),
        ("CAP-005", date(2027, 1, 1), [("x", TODAY)], Criterion(measure=Measure.FINDINGS, direction="at_most", limit=Decimal(-1))),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_show_anything_is_refused(
    code: str, measured_on: date, actions: list[tuple[str, date]], criterion: Criterion
) -> None:
    with pytest.raises(Refusal, match=code):
        rules.check_plan(criterion, measured_on, actions, TODAY)


def test_a_plan_may_begin_today_and_be_measured_the_day_after() -> None:
    rules.check_plan(FINDINGS, TODAY + DAY, [("x", TODAY)], TODAY)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_more_time_is_a_later_day_that_has_not_passed(until: date, due: date) -> None:
    if until > due and until >= TODAY:
        assert rules.check_extension(until, due, TODAY) == until
    else:
        with pytest.raises(Refusal, match="CAP-011"):
            rules.check_extension(until, due, TODAY)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.booleans())
def test_it_is_verified_while_there_is_time_left_to_measure(measured_on: date, harmless: bool) -> None:
    if harmless and measured_on > TODAY:
        rules.check_verified("CAPA-1", measured_on, TODAY, no_adverse_effect=harmless)
    else:
        with pytest.raises(Refusal, match="CAP-015" if harmless else "CAP-007"):
            rules.check_verified("CAPA-1", measured_on, TODAY, no_adverse_effect=harmless)


@given(st.booleans(), st.lists(st.sampled_from(["NC-1", "NC-2"]), max_size=2))
def test_it_is_closed_only_when_proven_and_everything_it_is_for_is_decided(proven: bool, open_: list[str]) -> None:
    if proven and not open_:
        rules.check_closing("CAPA-1", proven, open_)
    else:
        with pytest.raises(Refusal, match="CAP-009" if proven else "CAP-008"):
            rules.check_closing("CAPA-1", proven, open_)
