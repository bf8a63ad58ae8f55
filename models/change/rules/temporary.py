"""A change for a time: when it is over, and what that means for each batch (ISO 13485 7.3.9; STANDARDS X 53; REQUIREMENTS 46, 47).

It is over when its last day has ended at the plant or its number of batches is made, whichever is first.  Then the old way is effective again by
itself: a batch that begins at that very moment or later runs the old way and isn't stopped.  A batch that ran so and is past the step stays as it is.
Of what is still under way, what somebody has decided on goes on as it was decided; what belongs to the number that the approval signed goes on
the temporary way, where that number is what ended it; everything else pauses until somebody has decided how it goes on, as at the beginning.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from models.kernel.refusal import Kind

CLAUSE = "ISO 13485 7.3.9; STANDARDS X 53"
NO_END = Kind(
    "CHG-030",
    CLAUSE,
    "临时变更须写明到哪一天为止、做多少批 (至少 1 批)，或两者。",
    "A temporary change says until which day it is, for how many batches (one at least), or both.",
    422,
)
OVER_ALREADY = Kind(
    "CHG-031",
    CLAUSE,
    "临时变更到 {day} 为止，该日已过，不能从此开始。",
    "The temporary change is until {day}, which is past: it can't begin any more.",
    422,
)
NOT_ENDED = Kind(
    "CHG-032",
    CLAUSE,
    "{number} 不能关闭：临时变更尚未结束。",
    "{number} can't be closed: it hasn't ended yet.",
)
ENDED = Kind(
    "CHG-033",
    CLAUSE,
    "{number} 已经结束，不能延长或提前结束。",
    "{number} has ended and is neither extended nor stopped.",
)
NOT_LONGER = Kind(
    "CHG-034",
    CLAUSE,
    "延长须写明更晚的日期或更多的批次，且不能更早或更少。",
    "An extension names a later day or a greater number, and nothing earlier or smaller.",
    422,
)
ASKED_IT = Kind(
    "CHG-035",
    CLAUSE,
    "{number} 的延长由您申请，须由他人批准。",
    "You asked for {number} to be extended; somebody else approves that.",
    403,
)
NOT_TEMPORARY = Kind(
    "CHG-036",
    CLAUSE,
    "{number} 不是已批准的临时变更，不能转为永久。",
    "{number} is no temporary change that was approved, and so isn't made permanent.",
    422,
)
OTHER_TARGET = Kind(
    "CHG-037",
    CLAUSE,
    "{number} 变更的是另一对象，须与之相同。",
    "{number} is of something else; what makes it permanent is of the same.",
    422,
)
BOTH = Kind(
    "CHG-038",
    CLAUSE,
    "紧急变更和转为永久的变更不能同时是临时变更。",
    "A change that was done already, or makes another permanent, isn't temporary at the same time.",
    422,
)
REMINDED = 5
"""How many working days of the site before its last day its owner is asked what becomes of it."""


class Why(StrEnum):
    """What ended it."""

    DAY = "day"
    NUMBER = "number"
    HAND = "hand"


class Fate(StrEnum):
    """What the end means for a batch."""

    OLD_WAY = "old_way"
    GOES_ON = "goes_on"
    PAUSES = "pauses"


@dataclass(frozen=True, slots=True)
class End:
    """Its last day, how many batches, or both."""

    day: date | None
    batches: int | None


def check_end(end: End, today: date) -> None:
    """Refuse an end that says nothing, no batch at all, or a day that is past."""
    if (end.day is None and end.batches is None) or (end.batches is not None and end.batches < 1):
        raise NO_END()
    check_begins(end.day, today)


def check_begins(last: date | None, begins: date) -> None:
    """Refuse what would be approved or begin after its last day."""
    if last is not None and last < begins:
        raise OVER_ALREADY(day=last.isoformat())


def over(ends_at: datetime | None, most: int | None, made: int, now: datetime) -> Why | None:
    """What has ended it; nothing takes a place in its number after its day, so where both hold the number was first."""
    if most is not None and made >= most:
        return Why.NUMBER
    return Why.DAY if ends_at is not None and ends_at <= now else None


def begun_before(begun: datetime, ends_at: datetime | None) -> bool:
    """Whether a batch begins before its end; one that begins at that very moment doesn't."""
    return ends_at is None or begun < ends_at


def at_the_end(why: Why, *, ran_so: bool, under_way: bool, decided: bool) -> Fate:
    """What the end means for a batch: `ran_so` before it, `under_way` still, `decided` by a signature."""
    if not ran_so:
        return Fate.OLD_WAY
    return Fate.PAUSES if under_way and not decided and why is not Why.NUMBER else Fate.GOES_ON


def check_extension(number: str, was: End, asked: End, ended: Why | None, today: date) -> End:
    """The end that is asked for: what isn't named stays; refused when it is over, or isn't longer."""
    if ended is not None:
        raise ENDED(number=number)
    new = End(asked.day or was.day, was.batches if asked.batches is None else asked.batches)
    known = (new.day is None) == (was.day is None) and (new.batches is None) == (was.batches is None)
    later = new.day is not None and was.day is not None and new.day > was.day
    more = new.batches is not None and was.batches is not None and new.batches > was.batches
    earlier = new.day is not None and was.day is not None and new.day < was.day
    fewer = new.batches is not None and was.batches is not None and new.batches < was.batches
    if not known or earlier or fewer or not (later or more):
        raise NOT_LONGER()
    check_begins(new.day, today)
    return new


def check_other(number: str, asked_by: Collection[int], people: Collection[int]) -> None:
    """Refuse whoever asked for an extension, as who signs or as whom they stand in for."""
    if not set(asked_by).isdisjoint(people):
        raise ASKED_IT(number=number)


def remind_on(last: date, works: Callable[[date], bool]) -> date:
    """The day, so many working days of the site before its last day, on which its owner is asked what becomes of it."""
    day, left = last, REMINDED
    while left:
        day -= timedelta(days=1)
        left -= works(day)
    return day


def near(most: int) -> int:
    """After how many batches its owner is asked what becomes of it: when a fifth of the number, or the last batch, is left."""
    return most - max(1, most // 5)
