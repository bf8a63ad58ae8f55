"""When a drill is due, and whether it came: four windows a year, in each of which one begins by surprise (REQ 81).

The plan names days, never the hour: within the window chance decides.  A quarter lasts from its window to the next one; a
drill by hand in it counts, one that was withdrawn doesn't.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from models.kernel.time.moments import plant_day

MONTHS, DAY, HOUR = (2, 5, 8, 11), 2, 9
SURPRISE = timedelta(days=14)
"""How much later than its day a drill by its schedule may come."""

State = Literal["planned", "due", "open", "done", "missed"]


@dataclass(frozen=True)
class Held:
    """A drill as it was held: by its schedule or by hand."""

    recall_no: str
    opened: datetime
    status: str
    scheduled: bool


@dataclass(frozen=True)
class Slot:
    """A quarter: its window (both days included), how it stands, and its drills, the scheduled one first.

    `waiting` is the drill that was still open in a missed window: the schedule begins no second one beside it.
    """

    first: date
    last: date
    state: State
    drills: tuple[str, ...] = ()
    waiting: str = ""

    @property
    def quarter(self) -> str:
        """`2026 Q4`, by the month of its window."""
        return f"{self.first.year} Q{MONTHS.index(self.first.month) + 1}"


def windows(since: date, until: date) -> tuple[date, ...]:
    """The first days of all quarters from the one that `since` lies in, up to `until`."""
    days = [date(year, month, DAY) for year in range(since.year - 1, until.year + 1) for month in MONTHS]
    return tuple(day for day in days if _next(day) > since and day <= until)


def calendar(
    drills: Sequence[Held], since: datetime, now: datetime, zone: ZoneInfo, ahead: int = 4
) -> tuple[Slot, ...]:
    """Every quarter since the plant began and the next ones, oldest first.

    The first one counts as missed only where its window was still open when the plant began.
    """
    today, began = plant_day(now, zone), plant_day(since, zone)
    days = windows(began, date(today.year + ahead // len(MONTHS) + 1, 12, 31))
    future = [day for day in days if day > today][:ahead]
    shown = [day for day in days if day <= today] + future
    slots = [_slot(drills, day, _next(day), today, zone) for day in shown]
    return tuple(one for one in slots if one.state != "missed" or one.last >= began)


def _next(day: date) -> date:
    place = MONTHS.index(day.month)
    last = place == len(MONTHS) - 1
    return date(day.year + last, MONTHS[0 if last else place + 1], DAY)


def _slot(drills: Sequence[Held], first: date, following: date, today: date, zone: ZoneInfo) -> Slot:
    def day_of(one: Held) -> date:
        return plant_day(one.opened, zone)

    last = first + SURPRISE
    here = [one for one in drills if one.status != "withdrawn" and first <= day_of(one) < following]
    here.sort(key=lambda one: (not one.scheduled, one.opened))
    names = tuple(one.recall_no for one in here)
    waiting = ""
    if any(one.status == "closed" for one in here):
        state: State = "done"
    elif here:
        state = "open"
    elif today < first:
        state = "planned"
    elif today <= last:
        state = "due"
    else:
        state = "missed"
        waiting = next(
            (one.recall_no for one in drills if one.scheduled and one.status == "open" and day_of(one) < first), ""
        )
    return Slot(first, last, state, names, waiting)


def drills(after: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    """When the quarters' drills are due, after one moment and up to another; by the calendar, without its surprise."""
    days = windows(plant_day(after, zone), plant_day(until, zone))
    moments = [datetime(day.year, day.month, day.day, HOUR, tzinfo=zone) for day in days]
    return [at for at in moments if after < at <= until]
