"""Which days are working days: China as published year by year, US federal holidays by rule (STANDARDS 2.10).

A published calendar knows only the years that were published.  A day outside them is *unknown*, never quietly ordinary:
`is_working` refuses (DLN-010), and a deadline counts it as a working day, so that it is never too late, and says so.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.kernel.refusal import Kind

UNKNOWN_YEAR = Kind(
    "DLN-010",
    "STANDARDS 2.10",
    "日历「{title_zh}」第 {version} 版没有 {year} 年的节假日安排（已有：{known}），不能确定 {day} 是否工作日。请更新日历。",
    "The calendar “{title_en}”, version {version}, does not know the year {year} (it knows {known}), so whether {day} is a "
    "working day can't be said. Update the calendar.",
    422,
)


class Frozen(BaseModel):
    """Data that people wrote: nothing unknown in it, nothing changes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(Frozen):
    """One text for people, Chinese first."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Off(Words):
    """Free days in a row under one name."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> "Off":
        if self.last < self.first:
            raise ValueError("a holiday ends before it begins")
        return self


class Year(Frozen):
    """The arrangement of one year, with the notice that published it."""

    source: str
    free: tuple[Off, ...]
    worked: tuple[date, ...] = ()


class _Calendar(Frozen, ABC):
    key: str
    version: int = Field(ge=1)
    title: Words

    @abstractmethod
    def known(self, day: date) -> bool:
        """Whether the calendar can say anything about the day."""

    @abstractmethod
    def known_years(self) -> str:
        """The years it knows, for people."""

    @abstractmethod
    def holiday(self, day: date) -> Words | None:
        """The name of the holiday on the day."""

    def swapped_for_work(self, day: date) -> bool:
        """Whether a day of the weekend is worked."""
        del day
        return False

    def is_working(self, day: date) -> bool:
        """Whether people work on the day; DLN-010 when nobody has published that."""
        if not self.known(day):
            raise UNKNOWN_YEAR(
                title_zh=self.title.zh,
                title_en=self.title.en,
                version=self.version,
                year=day.year,
                known=self.known_years(),
                day=day.isoformat(),
            )
        return self.swapped_for_work(day) or (day.isoweekday() <= 5 and self.holiday(day) is None)


class PublishedCalendar(_Calendar):
    """Holidays and swapped days as published, one notice a year."""

    kind: Literal["published"]
    years: Mapping[int, Year]

    @model_validator(mode="after")
    def _days_in_their_year(self) -> "PublishedCalendar":
        for number, year in self.years.items():
            days = [*year.worked, *(day for off in year.free for day in (off.first, off.last))]
            if any(day.year != number for day in days):
                raise ValueError(f"a day of another year stands in {number}")
            if any(off.first <= day <= off.last for off in year.free for day in year.worked):
                raise ValueError(f"a day of {number} is both free and worked")
        return self

    def known(self, day: date) -> bool:
        """Whether the day's year was published."""
        return day.year in self.years

    def known_years(self) -> str:
        """The published years."""
        return ", ".join(str(number) for number in sorted(self.years))

    def holiday(self, day: date) -> Words | None:
        """The published holiday on the day."""
        year = self.years.get(day.year)
        return next((off for off in year.free if off.first <= day <= off.last), None) if year else None

    def swapped_for_work(self, day: date) -> bool:
        """调休: a day of the weekend that is worked."""
        year = self.years.get(day.year)
        return year is not None and day in year.worked


class Holiday(Words):
    """A holiday by rule: `month` and `day`, or the `nth` `weekday` of the month (1 Monday; -1 the last)."""

    month: int = Field(ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)
    weekday: int | None = Field(default=None, ge=1, le=7)
    nth: int | None = Field(default=None, ge=-1, le=4)
    since: int = 0

    @model_validator(mode="after")
    def _one_way(self) -> "Holiday":
        if (self.day is None) == (self.weekday is None) or (self.weekday is None) != (not self.nth):
            raise ValueError("a holiday is either a day of a month or an nth weekday")
        return self

    def observed(self, year: int) -> date | None:
        """When it is kept in the year: a Saturday moves to Friday, a Sunday to Monday; `None` before it existed."""
        if year < self.since:
            return None
        if self.day is not None:
            day = date(year, self.month, self.day)
            return day + timedelta(days={6: -1, 7: 1}.get(day.isoweekday(), 0))
        assert self.weekday is not None  # noqa: S101 - `_one_way` says so
        assert self.nth is not None  # noqa: S101 - same
        if self.nth > 0:
            first = date(year, self.month, 1)
            return first + timedelta(days=(self.weekday - first.isoweekday()) % 7 + 7 * (self.nth - 1))
        last = date(year + self.month // 12, self.month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.isoweekday() - self.weekday) % 7)


class ComputedCalendar(_Calendar):
    """Holidays by rule, in any year from the first on."""

    kind: Literal["computed"]
    first_year: int
    holidays: tuple[Holiday, ...]

    def known(self, day: date) -> bool:
        """Whether the rules already held."""
        return day.year >= self.first_year

    def known_years(self) -> str:
        """From when on."""
        return f"{self.first_year} –"

    def holiday(self, day: date) -> Words | None:
        """The holiday observed on the day; New Year of the next year may be kept on 31 December."""
        years = (day.year, day.year + 1) if (day.month, day.day) == (12, 31) else (day.year,)
        return next((each for year in years for each in self.holidays if each.observed(year) == day), None)


Calendar = Annotated[PublishedCalendar | ComputedCalendar, Field(discriminator="kind")]


class CalendarFile(Frozen):
    """What a calendar file holds."""

    calendar: Calendar


def read_calendar(data: Any) -> PublishedCalendar | ComputedCalendar:
    """The calendar in a parsed file; raises Pydantic's ValidationError."""
    return CalendarFile.model_validate({"calendar": data}).calendar
