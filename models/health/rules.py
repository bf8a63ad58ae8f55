"""The health of the trace of a whole plant: one score for each item family, from the findings of its lots (requirement 26).

A family is what the item's category says, and where it says nothing the kind of the lot (raw, component, …): the line that
somebody owns.  A lot counts once, by the worst that is found on it: a gap takes it away, a quantity that is unaccounted
for takes half of it, a doubt a quarter.  The score is what is left, out of 100, rounded down: 100 means that nothing was
found, and one bad lot in a million shows.  The findings are those of a trace, code by code and word by word
(`trace_findings`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from models.kernel.refusal import CATALOGUE, Kind
from models.kernel.text import Text
from models.trace.rules.findings import SEVERITY, said_of

NO_CHECK = Kind(
    "TRC-030",
    "REQ 26",
    "还没有做过追溯体检；每天夜里自动进行，也可以现在开始。",
    "No trace health check has been done yet: it comes every night, or begin one now.",
    404,
)
TAKES = {"gap": 4, "balance": 2, "doubt": 1}
"""Quarters of a lot."""
WORST = tuple(TAKES)


class Health(NamedTuple):
    """Lots of a family, and how many of them have which worst finding."""

    lots: int
    gap: int
    balance: int
    doubt: int

    @property
    def score(self) -> int:
        """0 to 100; a family without lots has nothing wrong."""
        if not self.lots:
            return 100
        lost = sum(takes * lots for takes, lots in zip(TAKES.values(), self[1:], strict=True))
        return 100 * (4 * self.lots - lost) // (4 * self.lots)

    def plus(self, other: "Health") -> "Health":
        """Of both together."""
        return Health(*(one + another for one, another in zip(self, other, strict=True)))


def sentence(code: str, lot: str, facts: Mapping[str, object]) -> Text:
    """A finding in Chinese and in English, as a trace of that lot says it."""
    said = said_of(CATALOGUE[code], lot, facts)
    return Text(said.zh, said.en)


__all__ = ["NO_CHECK", "SEVERITY", "TAKES", "WORST", "Health", "sentence"]
