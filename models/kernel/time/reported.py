"""Moments that people tell are told to the minute; what happened in the same minute happened after what it follows."""

from datetime import UTC, date, datetime, timedelta

from models.kernel.refusal import Kind
from models.kernel.time.moments import Zone, minute

OLDEST = timedelta(days=400)
"""How far back people may tell of what happened; earlier history comes in through the import."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST_DAY = date(1970, 1, 1)
BEFORE_CLOCKS = Kind(
    "TIM-001",
    "ALCOA+",
    "时间 {at} 不可能：早于 1970 年；请核对。",
    "{at} can't be: it lies before 1970. Check it.",
    422,
)


def told(given: datetime, earliest: datetime, now: datetime) -> datetime | None:
    """The moment meant by `given`, not before `earliest` and not after `now`; None where it can't be."""
    if not earliest.replace(second=0, microsecond=0) <= given <= now:
        return None
    return max(given, earliest)


def happened(given: datetime | None, now: datetime, zone: Zone, no: Kind) -> datetime | None:
    """The moment at which something happened that is entered now; `no` for one in the future or too far back."""
    at = given and told(given, now - OLDEST, now)
    if given is not None and at is None:
        raise no(at=minute(given, zone), days=OLDEST.days)
    return at


def since_clocks(given: datetime) -> datetime:
    """The moment, or TIM-001 for one before clocks began: nothing that is recorded happened, or holds, before 1970."""
    if given < EARLIEST:
        raise BEFORE_CLOCKS(at=given.isoformat(timespec="minutes"))
    return given


def day_since_clocks(given: date) -> date:
    """The day, or TIM-001 likewise."""
    if given < EARLIEST_DAY:
        raise BEFORE_CLOCKS(at=given.isoformat())
    return given
