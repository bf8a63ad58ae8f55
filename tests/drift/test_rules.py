"""Run rules and cumulative sums against published cases, a recount said otherwise, and seeded series (STANDARDS Q 90, Q 91)."""

import json
import os
import random
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.drift.rules import asking, cusum, judging, limits, run_rules
from models.drift.rules.cusum import Rates, Sums
from models.drift.rules.limits import Limits
from models.drift.rules.run_rules import NELSON, RunRule
from models.kernel.refusal import Refusal
from tests.support.often import often

DATA = Path(os.environ.get("REFERENCE_DATA") or Path(__file__).parents[2] / "../shared/data")
UNIT = Limits(centre=0.0, sigma=1.0)
SEED = 20261130


def case(name: str) -> dict[str, Any]:
    cases = json.loads((DATA / "spc/spc_reference_vectors.json").read_text())
    return next(one for one in cases if one["id"] == name)


def test_limits_of_single_values_are_the_published_ones() -> None:
    told = case("wheeler-xmr-average")
    found = limits.of_individuals(told["data"])
    assert found is not None
    assert round(found.centre, 2) == told["cl"]
    assert found.upper == pytest.approx(told["ucl"], abs=0.02)  # the book rounds mean range and factor first
    assert limits.of_individuals([1.0] * 20) is None
    assert limits.of_individuals([1.0, 2.0, 3.0]) is None


def test_eight_on_one_side_are_enough_for_western_electric_and_nine_for_nelson() -> None:
    told = case("run-rules-8-vs-9")
    values, both = told["data_sigma"], (RunRule.WE4, RunRule.N2)
    assert [one.rule for one in run_rules.found(values, UNIT, both)] == [RunRule.WE4]
    more = run_rules.found([*values, told["then_append"]], UNIT, both)
    assert {one.rule for one in more if one.last == len(values)} == {RunRule.WE4, RunRule.N2}


def test_two_of_three_are_two_also_where_a_series_has_no_third_yet() -> None:
    """A chart that begins anew would else look away from them for good: the next value may lie well."""
    (signal,) = run_rules.found([2.5, 2.6, 0.0, 0.1], UNIT, (RunRule.WE2,))
    assert signal.points == (0, 1)
    assert [one.points for one in run_rules.found([2.5, 0.0, 2.6], UNIT, (RunRule.N5,))] == [(0, 2)]


STEPS = st.lists(st.sampled_from([-3.5, -2.5, -1.5, -0.5, 0.0, 0.5, 1.5, 2.5, 3.5]), max_size=24)


@given(STEPS)
def test_the_rules_that_count_are_what_a_count_by_hand_says(values: list[float]) -> None:
    met = {(one.rule, one.last) for one in run_rules.found(values, UNIT, tuple(RunRule))}
    for last in range(len(values)):
        three, five, nine = values[: last + 1][-3:], values[: last + 1][-5:], values[: last + 1][-9:]
        assert ((RunRule.WE1, last) in met) == (values[last] in {-3.5, 3.5})
        high2, low2 = three.count(2.5) + three.count(3.5), three.count(-2.5) + three.count(-3.5)
        here = 1 if values[last] > 0 else -1
        assert ((RunRule.WE2, last) in met) == (abs(values[last]) > 2 and (high2, low2)[here < 0] >= 2)
        far = sum(one * here > 1 for one in five)
        assert ((RunRule.WE3, last) in met) == (abs(values[last]) > 1 and far >= 4)
        assert ((RunRule.N2, last) in met) == (len(nine) == 9 and (min(nine) > 0 or max(nine) < 0))


@given(STEPS, st.floats(0.1, 10), st.floats(-50, 50))
def test_a_chart_says_the_same_in_any_unit_and_turned_over(values: list[float], sigma: float, centre: float) -> None:
    at = run_rules.found(values, UNIT, NELSON)
    assert run_rules.found([-one for one in values], UNIT, NELSON) == at
    off = [one for one in values if one]  # what lies on the centre is on either side of it once it is rounded
    scaled = [centre + one * sigma for one in off]
    assert run_rules.found(scaled, Limits(centre=centre, sigma=sigma), (RunRule.N1, RunRule.N2)) == run_rules.found(
        off, UNIT, (RunRule.N1, RunRule.N2)
    )


@given(STEPS)
@example([-3.5, -3.5, -3.5, -3.5, -3.5, 3.5, 3.5])
def test_a_lot_at_a_time_says_what_the_whole_series_says(values: list[float]) -> None:
    """Sums kept with each lot, and rules that look back, give what the series gives; a sum is made of the lots since it was nothing."""
    sums: list[Sums] = []
    rules = (*NELSON, judging.CUSUM)
    for n, _ in enumerate(values):
        judged = judging.mean(values[: n + 1], sums, UNIT, rules)
        sums.append(judged.sums)
        whole = {
            (one.rule.value, one.points) for one in run_rules.found(values[: n + 1], UNIT, NELSON) if one.last == n
        }
        assert {(one.rule, one.points) for one in judged.met if one.rule != judging.CUSUM} == whole
        for one in judged.met:
            assert one.points[-1] == n
            if one.rule == judging.CUSUM:
                made = [values[k] for k in one.points]
                own = 1 if values[n] > 0 else -1
                of = {1: sums[n].high, -1: sums[n].low}
                side = own if of[own] > cusum.BOUND else -own
                assert of[side] > cusum.BOUND
                assert sum(side * value - cusum.ALLOWANCE for value in made) == pytest.approx(of[side])
    assert tuple(sums) == cusum.tabular(values, UNIT)


@pytest.mark.parametrize("told", [(0.5, 5, 1.0), (0.5, 4, 1.0), (0.5, 4, 0.0)])
def test_run_lengths_of_the_sum_are_those_of_the_tables(told: tuple[float, float, float]) -> None:
    """A seeded mean of many runs lies within four of its own standard errors of the exact length."""
    allowance, limit, shift = told
    cases = json.loads((DATA / "spc/run_lengths.json").read_text())["cases"]
    exact = next(
        one["arl"] for one in cases if (one.get("k"), one.get("h"), one["shift_sigma"]) == (allowance, limit, shift)
    )
    dice, runs = random.Random(SEED), often(80, 5_000)  # noqa: S311 - a seeded series
    lengths: list[int] = []
    while len(lengths) < runs:
        series = [dice.gauss(shift, 1) for _ in range(int(exact * 12))]
        at = cusum.alarm(cusum.tabular(series, UNIT, allowance), limit)
        assert at is not None, "twelve times the mean length without an alarm"
        lengths.append(at + 1)
    spread = (sum((one - mean(lengths)) ** 2 for one in lengths) / (runs - 1)) ** 0.5
    assert abs(mean(lengths) - exact) < 4 * spread / runs**0.5


def _length(dice: random.Random, rules: tuple[str, ...], shift: float) -> int:
    """How many lots until the first alarm; judged one at a time as the record does it."""
    values: list[float] = []
    sums: tuple[Sums, ...] = ()
    n = 0
    while True:
        n += 1
        values = [*values, dice.gauss(shift, 1)][-run_rules.WIDEST :]
        judged = judging.mean(values, sums, UNIT, rules)
        if judged.met:
            return n
        sums = (judged.sums,)


WESTERN_ELECTRIC = (91.75, 9.22)
"""Mean run lengths of rules 1 to 4 together, without a shift and with one sigma (Champ and Woodall 1987, Technometrics 29, table 1)."""


def test_a_shift_is_found_soon_and_a_stable_supplier_alarms_as_seldom_as_published(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dice, runs = random.Random(SEED), often(60, 2_000)  # noqa: S311 - a seeded series
    for name, rules in judging.SETS.items():
        means, errors = [], []
        for shift in (0, 1):
            lengths = [_length(dice, rules, shift) for _ in range(runs)]
            spread = (sum((one - mean(lengths)) ** 2 for one in lengths) / (runs - 1)) ** 0.5
            means.append(mean(lengths))
            errors.append(spread / runs**0.5)
        with capsys.disabled():
            print(  # noqa: T201 - must show 7
                f"\n{name}: one false alarm in {means[0]:.1f} lots (± {errors[0]:.1f}), rate {1 / means[0]:.4f};"
                f" a shift of one sigma found after {means[1]:.2f} lots (± {errors[1]:.2f}); {runs} runs each, seed {SEED}"
            )
        assert means[1] < 11
        assert means[0] > 60
        if name is judging.RuleSet.WESTERN_ELECTRIC:
            for found, error, published in zip(means, errors, WESTERN_ELECTRIC, strict=True):
                assert abs(found - published) < 4 * error


def lots(dice: random.Random, rate: float, n: int) -> list[tuple[int, int]]:
    return [
        (size, sum(dice.random() < rate for _ in range(size))) for size in (dice.choice((8, 13, 20)) for _ in range(n))
    ]


def test_rejects_that_rise_are_found_soon_and_a_stable_supplier_raises_no_alarm() -> None:
    dice, rates, runs = random.Random(SEED), Rates(usual=0.02, worse=0.08, limit=4.6), often(60, 2_000)  # noqa: S311
    found = [cusum.first_above(cusum.rejects(lots(dice, rates.worse, 60), rates), rates.limit) for _ in range(runs)]
    false = sum(
        cusum.first_above(cusum.rejects(lots(dice, rates.usual, 40), rates), rates.limit) is not None
        for _ in range(runs)
    )
    print(f"false alarms in 40 stable lots: {false} of {runs}, seed {SEED}")  # noqa: T201 - must show 7
    lengths = [one + 1 for one in found if one is not None]
    assert len(lengths) == runs
    assert median(lengths) <= 12
    assert false <= 0.1 * runs


@given(st.lists(st.integers(0, 9).map(lambda bad: (9, bad)), max_size=30))
def test_more_rejects_never_lower_the_sum(told: list[tuple[int, int]]) -> None:
    rates = Rates(usual=0.02, worse=0.08, limit=4.6)
    sums = cusum.rejects(told, rates)
    worse = cusum.rejects([(seen, min(seen, bad + 1)) for seen, bad in told], rates)
    assert all(0 <= one <= other for one, other in zip(sums, worse, strict=True))


def test_the_worse_rate_lies_between_the_usual_one_and_all() -> None:
    assert asking.rates(0.02, None) == Rates(usual=0.02, worse=0.08)
    assert asking.rates(0.4, None).worse < 1
    for percent in (2, 1.9, 100):
        with pytest.raises(Refusal, match="DRF-011"):
            asking.rates(0.02, percent)
    assert limits.usual_share([(10, 0)] * 8) == 0.5 / 80
    assert limits.usual_share([(10, 1)] * 7) is None
