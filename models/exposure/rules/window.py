"""The window of a co-exposure: from an instant (inside) to another (outside), in the plant's zone (requirement 20).

Windows and what happened in them are half open, `[from, to)`: what ends at 14:00 has not met what begins at 14:00, so a
day's windows put side by side miss nothing and count nothing twice.  What has no duration (a value written down, an
operation that ends as it begins) lies in the window in which its instant lies.
"""

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.kernel.refusal import Kind
from models.kernel.time.moments import day_begins, day_ends
from models.trace.rules.as_of import NO_MOMENT

UPSIDE_DOWN = Kind(
    "EXP-003",
    "REQ 20",
    "时间段的开始 {since} 不早于结束 {until}。",
    "The window begins at {since}, which is not before its end at {until}.",
    422,
)
_DAY = len("2026-05-31")


class Window(NamedTuple):
    """`None` is an open end: since ever, or until now and whatever comes."""

    since: datetime | None
    until: datetime | None

    def meets(self, starts_at: datetime, ends_at: datetime | None) -> bool:
        """Whether what lasted `[starts_at, ends_at)` (None: still lasts) was going on in this window."""
        if self.until is not None and starts_at >= self.until:
            return False
        return self.since is None or starts_at >= self.since or ends_at is None or ends_at > self.since


def window(since: str | None, until: str | None, zone: str) -> Window:
    """Read both ends as people and machines write them.

    A date alone begins as that day begins in the plant and ends as that day ends; a time without offset is the plant's.
    TRC-010 when it is neither, EXP-003 when nothing lies between them.
    """
    read = Window(_read(since, zone, ends=False), _read(until, zone, ends=True))
    if read.since is not None and read.until is not None and read.since >= read.until:
        raise UPSIDE_DOWN(since=(since or "").strip()[:40], until=(until or "").strip()[:40])
    return read


def _read(text: str | None, zone: str, *, ends: bool) -> datetime | None:
    said, here = (text or "").strip(), ZoneInfo(zone)
    if not said:
        return None
    try:
        if len(said) == _DAY:
            day = date.fromisoformat(said)
            read = day_ends(day, here) if ends else day_begins(day, here)
        else:
            # a `+` that a browser turned into a blank
            read = datetime.fromisoformat(said.replace(" ", "+") if "T" in said else said)
            read = read if read.tzinfo else read.replace(tzinfo=here)
        read.astimezone(here)  # what no calendar of ours can show is no moment
    except (ValueError, OverflowError):
        raise NO_MOMENT(text=said[:40]) from None
    return read
