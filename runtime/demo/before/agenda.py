"""When the demo company's batches were made: over the three weeks before it was loaded, in the hours of the plant.

Orders and operations are told with their own times, as a plant tells them that brings the paper of its open batches along; what
is signed bears the time of signing.  Days are counted back from the day of loading in working days of the plant's calendar.
One operator and one machine of each kind do one thing after another; a steriliser and a burn-in cabinet run by themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from runtime.demo.before import spread
from runtime.demo.before.legacy import Days
from runtime.demo.company.numbers import Numbers


@dataclass(frozen=True)
class At:
    """A time of day in the plant, so many working days before loading."""

    day: int
    clock: str


Done = At | tuple[At, At]
"""When an operation began; and when it ended, where that isn't a matter of minutes but of days."""


@dataclass(frozen=True)
class Made:
    """When an order was opened, and its operations by their numbers."""

    opened: At
    steps: Mapping[int, Done] = field(default_factory=dict)


def _metal(day: int, gamma: int, *, passivated: bool = True, released: str = "12:05") -> Made:
    """Machined on a day, cleaned and sealed on the next, then irradiated by the contract steriliser and released by dose."""
    bath: dict[int, Done] = {15: At(day - 1, "08:30")} if passivated else {}
    irradiated: dict[int, Done] = {30: (At(gamma, "09:40"), At(gamma, "14:10")), 40: At(gamma - 1, released)}
    cleaned: dict[int, Done] = {20: At(day - 1, "10:05"), 25: At(day - 1, "11:00")}
    return Made(At(day + 1, "15:10"), {10: At(day, "08:10")} | bath | cleaned | irradiated)


def _thread(day: int, night: int) -> Made:
    """Needles on one afternoon, wound and sealed the next morning, sterilised in a night, aerated for two days and more."""
    gas: Done = (At(night, "17:05"), At(night, "23:40"))
    air: Done = (At(night - 1, "08:10"), At(night - 3, "09:30"))
    return Made(At(day + 1, "14:50"), {10: At(day, "13:10"), 20: At(day - 1, "08:20"), 30: gas, 40: air})


MADE: Mapping[str, Made] = {
    "C-02": _metal(15, 9, passivated=False),
    "H-03": _metal(13, 9, released="12:30"),  # in one load with the cages
    "H-04": _metal(11, 7),
    "H-05": _metal(4, 2),
    "S-18": _thread(10, 8),
    "S-19": _thread(9, 8),
    "S-20": _thread(8, 6),
    "S-21": _thread(7, 6),
    "S-22": _thread(6, 4),
    "MB-02": Made(At(13, "15:40"), {10: At(12, "13:30")}),
    "MB-01": Made(At(6, "15:40"), {10: At(5, "13:30")}),
    "AED-01": Made(At(4, "15:20"), {10: At(3, "12:50"), 20: (At(2, "08:30"), At(1, "09:10"))}),
}
"""By what the stories call a batch; an order that isn't here is opened when it is entered."""

CAME: Mapping[str, At] = {
    "R-14": At(6, "09:20"),
    "R-12": At(5, "10:40"),
    "R-09": At(3, "09:50"),
    "R-13": At(2, "10:10"),
    "R-15": At(2, "14:30"),
    "R-88": At(1, "10:20"),
}
"""When suppliers' lots arrived."""
LATE_ENTRY_HOURS = 45 * 24
"""The plant's limit for entries in its first weeks, when the paper of open batches is entered."""


class Diary(Protocol):
    """Says when an order was opened and an operation done; it is told what is recorded."""

    def opened(self, lot_no: str) -> datetime | None:
        """When the order of a batch was opened, if before its entry."""

    def came(self, lot_no: str) -> datetime | None:
        """When a supplier's lot arrived, if before its entry."""

    def period(self, lot_no: str, seq: int, code: str) -> tuple[datetime, datetime]:
        """From when to when an operation was done."""

    def recorded(self, lot_no: str) -> None:
        """Something was recorded of a batch."""


class Agenda:
    """The diary of the loaded company: the same for each attempt at loading it."""

    def __init__(self, days: Days, numbers: Numbers) -> None:
        self._days = days
        self._made = {numbers(key): made for key, made in MADE.items()}
        self._came = {numbers(key): at for key, at in CAME.items()}

    def opened(self, lot_no: str) -> datetime | None:
        """When the order of a batch was opened, if before its entry."""
        return self._moment(self._made[lot_no].opened) if lot_no in self._made else None

    def came(self, lot_no: str) -> datetime | None:
        """When a supplier's lot arrived, if before its entry."""
        return self._moment(self._came[lot_no]) if lot_no in self._came else None

    def period(self, lot_no: str, seq: int, code: str) -> tuple[datetime, datetime]:
        """From when to when an operation was done."""
        done = self._made[lot_no].steps[seq]
        if isinstance(done, At):
            began = self._moment(done)
            return began, began + spread.takes(code, lot_no)
        return self._moment(done[0]), self._moment(done[1])

    def recorded(self, lot_no: str) -> None:
        """Nothing follows from it: everything has its time already."""

    def _moment(self, at: At) -> datetime:
        return datetime.fromisoformat(self._days.at(at.day, at.clock))


@dataclass
class AsItHappens:
    """The diary of a plant that is played in a minute: each operation begins after what came before, and ends now."""

    now: Callable[[], datetime]
    _since: dict[str, datetime] = field(default_factory=dict)

    def opened(self, lot_no: str) -> datetime | None:  # noqa: ARG002 - asked of every diary
        """It is opened when it is entered."""
        return None

    def came(self, lot_no: str) -> datetime | None:  # noqa: ARG002 - asked of every diary
        """It arrives when it is entered."""
        return None

    def period(self, lot_no: str, seq: int, code: str) -> tuple[datetime, datetime]:  # noqa: ARG002 - asked of every diary
        """Since what was recorded last of the batch until now."""
        now = self.now()
        return self._since.get(lot_no, now), now

    def recorded(self, lot_no: str) -> None:
        """What comes next begins now."""
        self._since[lot_no] = self.now()
