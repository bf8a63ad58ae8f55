"""Times as people read them: ISO in the site's zone, and "in 3 hours" beside a deadline (SCREENS, Manner)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.kernel.time.moments import minute, plant_day
from ui.frame.i18n import Words

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_MONTH, _YEAR = 31 * _DAY, 366 * _DAY
"""The longest that there are, so that no number of them is more time than there is."""


def _count(seconds: float) -> tuple[str, int]:
    """Whole units that fit into the time, in the largest unit that still says something; never rounded up.

    Who reads "in 2 days" plans for 48 hours: with 41 left it says 41 hours (医疗器械召回管理办法, 21 CFR 806.10: too late is
    too late).
    """
    for unit, size, until in (
        ("now", _MINUTE, _MINUTE),
        ("minutes", _MINUTE, 2 * _HOUR),
        ("hours", _HOUR, 2 * _DAY),
        ("days", _DAY, 3 * _MONTH),
        ("months", _MONTH, 2 * _YEAR),
    ):
        if seconds < until:
            return unit, int(seconds // size)
    return "years", int(seconds // _YEAR)


@dataclass(frozen=True, slots=True)
class Clock:
    """Writes moments for one person's page: their words, the site's zone, the moment the page was made."""

    words: Words
    zone: ZoneInfo
    now: datetime

    def when(self, moment: datetime | None) -> str:
        """`2026-11-21 14:05` in the site's zone; nothing for nothing."""
        return "" if moment is None else minute(moment, self.zone)

    def day(self, moment: date | datetime | None) -> str:
        """`2026-11-21`; a moment is cut in the site's zone, a date has none."""
        if isinstance(moment, datetime):
            moment = plant_day(moment, self.zone)
        return "" if moment is None else moment.isoformat()

    def iso(self, moment: datetime) -> str:
        """For machines: the `datetime` attribute of `<time>`."""
        return moment.astimezone(UTC).isoformat(timespec="seconds")

    def relative(self, moment: datetime) -> str:
        """`3 小时后` / `in 3 hours`, `2 天前` / `2 days ago`."""
        gap = moment - self.now
        unit, n = _count(abs(gap.total_seconds()))
        if unit == "now":
            return self.words("time.now")
        return self.words(f"time.{'in' if gap > timedelta() else 'ago'}_{unit}", n=n)

    def gap(self, moment: datetime) -> str:
        """How far away, without direction: `2 小时` / `2 h`."""
        unit, n = _count(abs((moment - self.now).total_seconds()))
        return self.words(f"time.gap_{unit}", n=n)

    def late(self, moment: datetime) -> bool:
        """Whether the moment has come: what is due then is too late from then on."""
        return moment <= self.now

    def soon(self, moment: datetime) -> bool:
        """Whether the moment comes within four hours: the deadline is shown stronger."""
        return self.now < moment <= self.now + timedelta(hours=4)
