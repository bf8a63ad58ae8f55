"""How strictly incoming lots are inspected: the switching rules of GB/T 2828.1-2012 9.3 (ISO 2859-1:1999 9.3; STANDARDS Q 88).

Kept for each item from each supplier: normal at first; *tightened* when two of five or fewer consecutive lots weren't accepted (9.3.1); normal
again when five consecutive lots were accepted (9.3.2).  A lot counts by its original inspection: what is submitted again is ignored.  Reduced
inspection and the end of acceptance by inspection (9.3.3, 9.4) need the tables of sample sizes and a decision of quality, and come with them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

CLAUSE = "GB/T 2828.1 9.3; ISO 2859-1 9.3; STANDARDS Q 88"
TIGHTENING, WITHIN = 2, 5
"""So many lots not accepted, of so many consecutive ones or fewer (9.3.1)."""
RELAXING = 5
"""So many consecutive lots accepted (9.3.2)."""


class Severity(StrEnum):
    """How strictly the next lot is inspected."""

    NORMAL = "normal"
    TIGHTENED = "tightened"


def after(before: Severity, lots: Sequence[bool]) -> Severity:
    """How strictly the next lot is inspected: `lots` are those inspected so since it was switched, the newest last, and whether each was accepted."""
    if before is Severity.TIGHTENED:
        relaxed = len(lots) >= RELAXING and all(lots[-RELAXING:])
        return Severity.NORMAL if relaxed else Severity.TIGHTENED
    failed = sum(not one for one in lots[-WITHIN:])
    return Severity.TIGHTENED if failed >= TIGHTENING else Severity.NORMAL


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspected:
    """A lot in a series: how strictly it was inspected, whether it was accepted, and how strictly the next one is."""

    severity: Severity
    accepted: bool
    then: Severity

    @property
    def switched(self) -> bool:
        """Whether it is the lot by which the severity changed."""
        return self.then is not self.severity


def series(lots: Iterable[bool]) -> tuple[Inspected, ...]:
    """A series from its beginning, lot by lot."""
    found: list[Inspected] = []
    severity, since = Severity.NORMAL, list[bool]()
    for accepted in lots:
        since.append(accepted)
        then = after(severity, since)
        found.append(Inspected(severity=severity, accepted=accepted, then=then))
        if then is not severity:
            severity, since = then, []
    return tuple(found)
