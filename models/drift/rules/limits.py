"""Limits of a chart, frozen by approval: a chart judges later values by them and never moves them itself (STANDARDS Q 91)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

D2 = 1.128
"""Mean range of two values in sigmas (ASTM E2587, table of factors, n = 2)."""
FEWEST, MOST = 8, 300
"""A base of fewer values says too little about a process to judge by; one of more is of another time."""
WORSE = 4
"""How many times the usual share of rejects is what must be found, where nobody says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Centre line and one sigma, in the unit of the characteristic."""

    centre: float
    sigma: float

    @property
    def upper(self) -> float:
        """Three sigmas above the centre."""
        return self.centre + 3 * self.sigma

    @property
    def lower(self) -> float:
        """Three sigmas below."""
        return self.centre - 3 * self.sigma


def of_individuals(values: Sequence[float]) -> Limits | None:
    """Limits of single values by their mean moving range (XmR; Wheeler, Making Sense of Data, 7); None where there are too few or none differ."""
    if len(values) < FEWEST:
        return None
    moved = sum(abs(one - other) for one, other in pairwise(values)) / (len(values) - 1)
    if moved == 0:
        return None
    return Limits(centre=sum(values) / len(values), sigma=moved / D2)


def usual_share(lots: Sequence[tuple[int, int]]) -> float | None:
    """The share of rejects of a base, of how many were looked at and rejected in each lot; None where there are too few lots.

    Half a reject where there was none: a share of nothing would make the first one infinitely unlikely.
    """
    if len(lots) < FEWEST:
        return None
    seen, rejected = sum(one for one, _ in lots), sum(one for _, one in lots)
    return max(rejected, 0.5) / seen if seen > 0 else None
