"""Time, from one module: an instant, a day of the plant, and a date as it is printed (a day, or only a month).

An instant is a `datetime` with an offset.  It has no day of its own: which day it belongs to is a question to the plant's
zone, and from midnight to eight in the morning Suzhou and UTC give different answers.  So only this module turns an
instant into a day or into words; `tests/house/code/test_days.py` refuses it everywhere else.

An expiry printed as `2031-10` stays that month wherever it goes.  It means the last day of the month (21 CFR 801.18), and
a manufacturing month means its first.  Shelf life counts calendar months: the same day of the later month, or its last
day where it is shorter (2028-02-29 after twelve months is 2029-02-28), which never gives a day more than was proven.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic_core import CoreSchema, core_schema

Zone = str | ZoneInfo


def _zone(zone: Zone) -> ZoneInfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def local(at: datetime, zone: Zone) -> datetime:
    """The same instant on the plant's clock; of one that no calendar can show there, the last or first that it can."""
    try:
        return at.astimezone(_zone(zone))
    except OverflowError:
        edge, of_day = (date.max, time.max) if at.year > date.max.year // 2 else (date.min, time.min)
        return datetime.combine(edge, of_day, _zone(zone))


def plant_day(at: datetime, zone: Zone) -> date:
    """The day that an instant belongs to in the plant."""
    return local(at, zone).date()


def day_begins(day: date, zone: Zone) -> datetime:
    """The first instant of a day in the plant."""
    return datetime.combine(day, time(), _zone(zone))


def day_ends(day: date, zone: Zone) -> datetime:
    """The first instant after a day in the plant."""
    return day_begins(day + timedelta(days=1), zone)


def minute(at: datetime, zone: Zone) -> str:
    """`2026-11-21 14:05` on the plant's clock."""
    return local(at, zone).strftime("%Y-%m-%d %H:%M")


def second(at: datetime, zone: Zone) -> str:
    """`2026-11-21 14:05:09` on the plant's clock."""
    return local(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def day(at: datetime, zone: Zone) -> str:
    """`2026-11-21`, the plant's day."""
    return plant_day(at, zone).isoformat()


def month(at: datetime, zone: Zone) -> str:
    """`2026-11`, the plant's month."""
    return local(at, zone).strftime("%Y-%m")


def field(at: datetime, zone: Zone) -> str:
    """`2026-11-21T14:05`: the plant's clock as a form field takes it."""
    return local(at, zone).strftime("%Y-%m-%dT%H:%M")


def told(at: datetime, zone: Zone) -> str:
    """`2026-11-21T14:05:09+08:00` (ISO 8601): the plant's clock with its offset, for files that others read."""
    return local(at, zone).isoformat(timespec="seconds")


def stamp(at: datetime, zone: Zone) -> str:
    """`20261121T140509+0800` (ISO 8601, basic): the same for the name of a file, which takes no colon."""
    return local(at, zone).strftime("%Y%m%dT%H%M%S%z")


def wire(at: datetime) -> str:
    """`2026-11-21T06:05:00.000000Z`: the canonical form of an instant in documents under a digest."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date as it is printed: a day, or a month without a day.  `on` is any day of that month."""

    on: date
    precision: str = "day"

    @classmethod
    def of(cls, year: int, month: int, day: int) -> Self | None:
        """Day 0 means the whole month (GS1); None when there is no such date."""
        try:
            if day == 0:
                return cls(date(year, month, calendar.monthrange(year, month)[1]), "month")
            return cls(date(year, month, day))
        except (ValueError, IndexError):
            return None

    @classmethod
    def read(cls, text: str) -> Self | None:
        """`2031-10-31` or `2031-10`; None for everything else."""
        shape = re.fullmatch(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?", text)
        if shape is None or shape[3] == "00":
            return None
        made = cls.of(int(shape[1]), int(shape[2]), int(shape[3] or 0))
        return None if made is None else cls(made.first, made.precision)

    @property
    def first(self) -> date:
        """The first day that it can mean: what counts for a manufacturing date."""
        return self.on.replace(day=1) if self.precision == "month" else self.on

    @property
    def last(self) -> date:
        """The last day that it can mean: what counts for an expiry date (21 CFR 801.18)."""
        if self.precision == "month":
            return self.on.replace(day=calendar.monthrange(self.on.year, self.on.month)[1])
        return self.on

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        """On the wire it is what is printed, and is read back from that."""
        return core_schema.no_info_plain_validator_function(
            cls._from_wire,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def _from_wire(cls, value: object) -> Self:
        made = value if isinstance(value, cls) else cls.read(value) if isinstance(value, str) else None
        if made is None:
            raise ValueError(value)
        return made

    def over(self, at: datetime, zone: Zone) -> bool:
        """Whether its last day has ended in the plant."""
        return plant_day(at, zone) > self.last

    def __str__(self) -> str:
        return self.on.isoformat()[:7] if self.precision == "month" else self.on.isoformat()


def printed(on: date | str | PrintedDate | None, precision: str = "day") -> PrintedDate | None:
    """A date of the record, as a column and its precision or as text, as it is printed."""
    if on is None or isinstance(on, PrintedDate):
        return on
    return PrintedDate.read(on) if isinstance(on, str) else PrintedDate(on, precision)


def months_later(day: date, months: int) -> date:
    """The same day that many calendar months later, or the last day of a month that is too short."""
    years, place = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, place + 1, min(day.day, calendar.monthrange(year, place + 1)[1]))
