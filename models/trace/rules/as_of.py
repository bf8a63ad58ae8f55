"""The moment at which a graph is asked for: reads `as_of` as people and machines write it (requirement 21)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.kernel.refusal import Kind
from models.kernel.time.moments import day_ends, minute, plant_day

NO_MOMENT = Kind(
    "TRC-010",
    "REQ 21",
    "“{text}”不是日期或时间，请用 2026-05-31 或 2026-05-31T14:00+08:00 这样的格式。",
    "“{text}” is no date or time; write it like 2026-05-31 or 2026-05-31T14:00+08:00.",
    422,
)
FUTURE = Kind(
    "TRC-011",
    "REQ 21",
    "{moment} 还没有到，无法知道那时的情况。",
    "{moment} has not come yet; what will be known then can't be told.",
    422,
)


def moment(text: str, zone: str, now: datetime) -> datetime:
    """`as_of` as an instant.

    A date alone is the last microsecond of that day in the plant's zone, today's date is now; a time without offset is
    the plant's.  TRC-010 when it is neither, TRC-011 when it lies ahead.
    """
    said, here = text.strip(), ZoneInfo(zone)
    try:
        if len(said) == len("2026-05-31"):
            day = date.fromisoformat(said)
            if day == plant_day(now, here):
                return now
            end = day_ends(day, here) - timedelta(microseconds=1)
        else:
            # a `+` that a browser turned into a blank
            end = datetime.fromisoformat(said.replace(" ", "+") if "T" in said else said)
            end = end if end.tzinfo else end.replace(tzinfo=here)
        shown = end.astimezone(here)
    except (ValueError, OverflowError):
        raise NO_MOMENT(text=said[:40]) from None
    if end > now:
        raise FUTURE(moment=minute(shown, here))
    return end
