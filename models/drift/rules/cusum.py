"""Cumulative sums: small lasting shifts that no single value shows (Page 1954; NIST/SEMATECH 6.3.2.3).

Values are summed in sigmas off the centre less an allowance; rejects lot by lot by the likelihood ratio of two rates, which takes lots of any
size (Reynolds and Stoumbos 1999, Bernoulli CUSUM).  A sum begins at 0, never falls below it, and is an alarm once it is above the limit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from models.drift.rules.limits import Limits

ALLOWANCE = 0.5
"""Half of a shift of one sigma, which is the shift that is looked for."""
BOUND = 5.0
"""With that allowance a stable process raises a false alarm once in 465 lots, and a shift of one sigma is found after 10.4."""
REJECTS_BOUND = 4.6
"""In nats: a hundred to one for the worse rate."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """Both sums after a value."""

    high: float = 0.0
    low: float = 0.0

    @property
    def larger(self) -> float:
        """What is compared with the limit."""
        return max(self.high, self.low)


def after(before: Sums, value: float, limits: Limits, allowance: float = ALLOWANCE) -> Sums:
    """The sums of the tabular CUSUM after one more value; sums and allowance in sigmas."""
    off = (value - limits.centre) / limits.sigma
    return Sums(high=max(0.0, before.high + off - allowance), low=max(0.0, before.low - off - allowance))


def tabular(values: Iterable[float], limits: Limits, allowance: float = ALLOWANCE) -> tuple[Sums, ...]:
    """The sums after each value."""
    now, sums = Sums(), []
    for one in values:
        now = after(now, one, limits, allowance)
        sums.append(now)
    return tuple(sums)


def alarm(sums: Iterable[Sums], limit: float = BOUND) -> int | None:
    """Which value, counted from 0, is the first with a sum above the limit."""
    return next((n for n, one in enumerate(sums) if one.larger > limit), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """The rejected share that is accepted and the one that must be found, 0 < usual < worse < 1; and the limit of the sum, in nats."""

    usual: float
    worse: float
    limit: float = REJECTS_BOUND


def after_lot(before: float, seen: int, rejected: int, rates: Rates) -> float:
    """The sum of rejects after one more lot, of how many were looked at and rejected in it."""
    bad, good = log(rates.worse / rates.usual), log((1 - rates.worse) / (1 - rates.usual))
    return max(0.0, before + rejected * bad + (seen - rejected) * good)


def rejects(lots: Iterable[tuple[int, int]], rates: Rates) -> tuple[float, ...]:
    """The sum after each lot."""
    total, sums = 0.0, []
    for seen, rejected in lots:
        total = after_lot(total, seen, rejected, rates)
        sums.append(total)
    return tuple(sums)


def first_above(sums: Iterable[float], limit: float) -> int | None:
    """Which lot, counted from 0, is the first with a sum above the limit."""
    return next((n for n, one in enumerate(sums) if one > limit), None)
