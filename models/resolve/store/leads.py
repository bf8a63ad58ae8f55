"""What nouns further down the list find under numbers of their own kind: they hand it in, and the search asks them by it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlmodel import Session

from models.resolve.rules import Hit, HitKind


@dataclass(frozen=True)
class Lead:
    """A kind of hit that another noun answers for: what an identifier of it means, and the keys of the lots that it leads to."""

    kind: HitKind
    hits: Callable[[Session, str], tuple[Hit, ...]]
    lots: Callable[[Session, str], frozenset[int]]


_leads: dict[HitKind, Lead] = {}


def hand_in(leads: Iterable[Lead]) -> None:
    """Take what a noun answers for; `models.nouns` does.  The same kind twice is an error."""
    for one in leads:
        if _leads.setdefault(one.kind, one) is not one:
            message = f"{one.kind} is answered for twice"
            raise ValueError(message)


def of(kind: HitKind) -> Lead | None:
    """Who answers for hits of that kind; None where the search knows them itself."""
    return _leads.get(kind)
