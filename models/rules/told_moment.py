"""Moments that people tell are told to the minute; what happened in the same minute happened after what it follows."""

from datetime import datetime


def told(given: datetime, earliest: datetime, now: datetime) -> datetime | None:
    """The moment meant by `given`, not before `earliest` and not after `now`; None where it can't be."""
    if not earliest.replace(second=0, microsecond=0) <= given <= now:
        return None
    return max(given, earliest)
