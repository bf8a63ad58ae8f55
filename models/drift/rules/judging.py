"""What a chart says of one more lot, by the limits that were frozen: its sums, and the rules that it completes (REQUIREMENTS 50, 118)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.drift.rules import cusum, run_rules
from models.drift.rules.cusum import Rates, Sums
from models.drift.rules.limits import Limits
from models.drift.rules.run_rules import NELSON, WESTERN_ELECTRIC, RunRule
from models.kernel.text import Text

CUSUM, REJECTS_CUSUM = "CUSUM", "R-CUSUM"
RULES: dict[str, Text] = {
    RunRule.WE1: Text("1 点超出 3σ", "one beyond three sigmas"),
    RunRule.WE2: Text("连续 3 点中 2 点在同侧 2σ 以外", "two of three beyond two sigmas on one side"),
    RunRule.WE3: Text("连续 5 点中 4 点在同侧 1σ 以外", "four of five beyond one sigma on one side"),
    RunRule.WE4: Text("连续 8 点在中心线同侧", "eight in a row on one side of the centre"),
    RunRule.N1: Text("1 点超出 3σ", "one beyond three sigmas"),
    RunRule.N2: Text("连续 9 点在中心线同侧", "nine in a row on one side of the centre"),
    RunRule.N3: Text("连续 6 点递增或递减", "six in a row rising or falling"),
    RunRule.N4: Text("连续 14 点上下交替", "fourteen in a row going up and down"),
    RunRule.N5: Text("连续 3 点中 2 点在同侧 2σ 以外", "two of three beyond two sigmas on one side"),
    RunRule.N6: Text("连续 5 点中 4 点在同侧 1σ 以外", "four of five beyond one sigma on one side"),
    RunRule.N7: Text("连续 15 点在 1σ 以内", "fifteen in a row within one sigma"),
    RunRule.N8: Text("连续 8 点都在 1σ 以外", "eight in a row beyond one sigma on either side"),
    CUSUM: Text("累积和超限 (小而持久的偏移)", "the cumulative sum is above its limit (a small lasting shift)"),
    REJECTS_CUSUM: Text("不合格率累积和超限", "the cumulative sum of rejects is above its limit"),
}
"""Every rule that a chart can ask, with what it means."""


class Charted(StrEnum):
    """What a chart has one point of for each lot: the mean of its readings, or how many of its pieces were rejected."""

    MEAN = "mean"
    REJECTS = "rejects"


class RuleSet(StrEnum):
    """The rules that a chart of means asks: chosen with its limits, and frozen with them."""

    CALM = "calm"
    WESTERN_ELECTRIC = "western_electric"
    NELSON = "nelson"


SETS: dict[RuleSet, tuple[str, ...]] = {
    RuleSet.CALM: (RunRule.WE1, CUSUM),
    RuleSet.WESTERN_ELECTRIC: WESTERN_ELECTRIC,
    RuleSet.NELSON: NELSON,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Met:
    """A rule that the newest lot completes, by these of the lots since the chart began, counted from 0; the newest is among them."""

    rule: str
    points: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """The sums after the newest lot (of rejects in `high`) and the rules that it completes."""

    sums: Sums
    met: tuple[Met, ...]


def asked(charted: Charted, chosen: RuleSet) -> tuple[str, ...]:
    """The rules of a chart by name; of rejects there is one."""
    return (REJECTS_CUSUM,) if charted is Charted.REJECTS else SETS[chosen]


def mean(values: Sequence[float], before: Sequence[Sums], limits: Limits, rules: Collection[str]) -> Judged:
    """Judge the last of the values, which are those since the chart began; `before` has the sums after each of the others."""
    sums = cusum.after(before[-1] if before else Sums(), values[-1], limits)
    signals = run_rules.met(values, limits, [RunRule(one) for one in rules if one != CUSUM])
    met = [Met(rule=one.rule.value, points=one.points) for one in signals]
    if CUSUM in rules and sums.larger > cusum.BOUND:
        # both may be above after a jump: then it is the one that this lot has raised
        raised = sums.high if values[-1] > limits.centre else sums.low
        upwards = sums.high > cusum.BOUND if raised <= cusum.BOUND else values[-1] > limits.centre
        met.append(Met(rule=CUSUM, points=_since_zero([one.high if upwards else one.low for one in before])))
    return Judged(sums=sums, met=tuple(met))


def rejects(seen: int, rejected: int, before: Sequence[Sums], rates: Rates) -> Judged:
    """Judge a lot of which so many pieces were looked at and rejected."""
    total = cusum.after_lot(before[-1].high if before else 0.0, seen, rejected, rates)
    points = _since_zero([one.high for one in before])
    met = (Met(rule=REJECTS_CUSUM, points=points),) if total > rates.limit else ()
    return Judged(sums=Sums(high=total), met=met)


def _since_zero(sums: Sequence[float]) -> tuple[int, ...]:
    """The newest point, and those before it that its sum is made of."""
    first = next((n + 1 for n in range(len(sums) - 1, -1, -1) if sums[n] == 0), 0)
    return tuple(range(first, len(sums) + 1))
