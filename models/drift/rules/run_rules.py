"""Named run rules over a series: Western Electric (1956, as NIST/SEMATECH 6.3.2 tells them) and Nelson (1984).

Which rules a chart asks is part of its frozen limits: WE-4 takes eight values on one side of the centre where N-2 takes nine, so a chart that
says "run rules" without naming them says nothing (STANDARDS Q 91).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from models.drift.rules.limits import Limits


class RunRule(StrEnum):
    """A rule by its name."""

    WE1 = "WE-1"
    WE2 = "WE-2"
    WE3 = "WE-3"
    WE4 = "WE-4"
    N1 = "N-1"
    N2 = "N-2"
    N3 = "N-3"
    N4 = "N-4"
    N5 = "N-5"
    N6 = "N-6"
    N7 = "N-7"
    N8 = "N-8"


WESTERN_ELECTRIC = (RunRule.WE1, RunRule.WE2, RunRule.WE3, RunRule.WE4)
NELSON = (RunRule.N1, RunRule.N2, RunRule.N3, RunRule.N4, RunRule.N5, RunRule.N6, RunRule.N7, RunRule.N8)
Which = Callable[[Sequence[float]], tuple[int, ...]]
"""Which values of a window, counted from 0, meet the rule; none where it isn't met."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """A rule is met by these values of the series, counted from 0; the last of them is what raises the alarm."""

    rule: RunRule
    points: tuple[int, ...]

    @property
    def last(self) -> int:
        """The value that completes it."""
        return self.points[-1]


def _beyond(least: int, sigmas: float) -> Which:
    """So many of the window beyond that many sigmas on one side, the last of them too: it is what raises the alarm."""

    def which(window: Sequence[float]) -> tuple[int, ...]:
        for side in (1, -1):
            far = tuple(n for n, one in enumerate(window) if side * one > sigmas)
            if len(far) >= least and far[-1] == len(window) - 1:
                return far
        return ()

    return which


def _all(holds: Callable[[Sequence[float]], bool]) -> Which:
    def which(window: Sequence[float]) -> tuple[int, ...]:
        return tuple(range(len(window))) if holds(window) else ()

    return which


def _one_side(window: Sequence[float]) -> bool:
    return all(one > 0 for one in window) or all(one < 0 for one in window)


def _trend(window: Sequence[float]) -> bool:
    return all(one < other for one, other in pairwise(window)) or all(one > other for one, other in pairwise(window))


def _saw(window: Sequence[float]) -> bool:
    steps = [other - one for one, other in pairwise(window)]
    return all(one * other < 0 for one, other in pairwise(steps))


def _hugging(window: Sequence[float]) -> bool:
    return all(abs(one) < 1 for one in window)


def _avoiding(window: Sequence[float]) -> bool:
    return all(abs(one) > 1 for one in window)


RULES: dict[RunRule, tuple[int, int, Which]] = {
    RunRule.WE1: (1, 1, _beyond(1, 3)),
    RunRule.WE2: (2, 3, _beyond(2, 2)),
    RunRule.WE3: (4, 5, _beyond(4, 1)),
    RunRule.WE4: (8, 8, _all(_one_side)),
    RunRule.N1: (1, 1, _beyond(1, 3)),
    RunRule.N2: (9, 9, _all(_one_side)),
    RunRule.N3: (6, 6, _all(_trend)),
    RunRule.N4: (14, 14, _all(_saw)),
    RunRule.N5: (2, 3, _beyond(2, 2)),
    RunRule.N6: (4, 5, _beyond(4, 1)),
    RunRule.N7: (15, 15, _all(_hugging)),
    RunRule.N8: (8, 8, _all(_avoiding)),
}
"""Each with how few values can meet it and how many it looks back over; these in sigmas from the centre.

Two of three are two also where a series has only two yet: a chart that begins anew would else look away from them for good.
"""
WIDEST = max(width for _, width, _ in RULES.values())


def met(values: Sequence[float], limits: Limits, rules: Collection[RunRule]) -> tuple[Signal, ...]:
    """The rules that the last value completes, by name."""
    off = [(one - limits.centre) / limits.sigma for one in values[-WIDEST:]]
    before = len(values) - len(off)
    signals = []
    for rule in sorted(rules):
        fewest, width, which = RULES[rule]
        window = off[-width:]
        if len(window) >= fewest and (points := which(window)):
            first = before + len(off) - len(window)
            signals.append(Signal(rule=rule, points=tuple(first + one for one in points)))
    return tuple(signals)


def found(values: Sequence[float], limits: Limits, rules: Collection[RunRule]) -> tuple[Signal, ...]:
    """Every rule that some values meet, by the value that completes it and then by name."""
    return tuple(one for n in range(len(values)) for one in met(values[: n + 1], limits, rules))
