"""What the demo company calls things: the month in which it is loaded, on the plant's calendar, stands in its own numbers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.kernel.time.moments import plant_day


@dataclass(frozen=True)
class Numbers:
    """Numbers from what the stories call a thing: `S-20` is `S-2611-20` when it is loaded in November 2026."""

    day: date

    @classmethod
    def at(cls, begun: datetime, zone: str) -> "Numbers":
        """The numbers of a company that is loaded at that moment in that zone."""
        return cls(plant_day(begun, zone))

    def __call__(self, key: str) -> str:
        """The number of a batch, a load or a shipment."""
        series, _, piece = key.rpartition("-")
        return f"{series}-{_month(self.day)}-{piece}"

    @property
    def month_before(self) -> str:
        """`2610`: the month in which suppliers made what comes now."""
        return _month(self.day.replace(day=1) - timedelta(days=1))


def _month(day: date) -> str:
    """`2611`."""
    return f"{day.year % 100:02}{day.month:02}"
