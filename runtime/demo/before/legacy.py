"""How the system before this one wrote things down: an InvenTree dump, row by row, on the working days before the start.

Nobody here did any of it, so it enters as an import does (`batchwright import`): migrated, told by its source, unsigned.
Days are counted back from the start in working days of the plant's calendar, so that nothing happens on a Sunday or in a
holiday, whenever the demonstration is loaded.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from models.calendar.rules.working_days import ComputedCalendar, PublishedCalendar

Calendar = PublishedCalendar | ComputedCalendar
Row = dict[str, Any]

OK, REJECTED, RETURNED = 10, 65, 85
"""What InvenTree says of the state of stock."""
UPDATED, OUTPUT_CREATED, OUTPUT_COMPLETED, OUTPUT_REJECTED, RECEIVED, CAME_BACK = 25, 50, 55, 56, 70, 105
"""What InvenTree calls the events of a stock item."""

FIRST_KEY = 20_001
"""Keys of rows that begin here; those of the company's master data lie below."""
_ALWAYS_FREE = {(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)}
"""Month and day of holidays that no notice moves (国务院《全国年节及纪念日放假办法》)."""


@dataclass(frozen=True)
class Days:
    """The working days before the start, and times of day on the plant's clock."""

    start: date
    calendar: Calendar
    zone: ZoneInfo
    _counted: list[date] = field(default_factory=list, init=False, repr=False, compare=False)
    """The start and the working days before it, as far as somebody has asked: they are asked for hundreds of times."""

    def is_working(self, day: date) -> bool:
        """By the calendar; in a year that nobody has published yet, Monday to Friday but for the fixed holidays."""
        if self.calendar.known(day):
            return self.calendar.is_working(day)
        return day.isoweekday() <= 5 and (day.month, day.day) not in _ALWAYS_FREE

    def back(self, count: int) -> date:
        """The day so many working days before the start; 1 is the last one."""
        known = self._counted
        if not known:
            known.append(self.start)
        while len(known) <= count:
            day = known[-1] - timedelta(days=1)
            while not self.is_working(day):
                day -= timedelta(days=1)
            known.append(day)
        return known[count]

    def at(self, count: int, clock: str) -> str:
        """That day at a time of day in the plant, as an instant in UTC."""
        local = datetime.combine(self.back(count), time.fromisoformat(clock), self.zone)
        return local.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def later(self, count: int, years: int) -> str:
        """Shelf life: the last day of the month, so many years after that day."""
        day = self.back(count)
        following = date(day.year + years + day.month // 12, day.month % 12 + 1, 1)
        return (following - timedelta(days=1)).isoformat()

    def week(self, count: int) -> str:
        """`26W38`: by its week the system before numbered what was made."""
        year, week, _ = self.back(count).isocalendar()
        return f"{year % 100:02}W{week:02}"


@dataclass(frozen=True)
class Sold:
    """A supplier's part, by its key and that of its supplier."""

    key: int
    supplier: int


@dataclass
class Dump:
    """The rows, each under the next key of its kind."""

    days: Days
    master: Sequence[Row]
    rows: list[Row] = field(default_factory=list)
    _keys: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Parts, partners and places by the words that people use for them."""
        fields = [(row["model"], row["pk"], row["fields"]) for row in self.master]
        self.parts = {one["IPN"]: pk for model, pk, one in fields if model == "part.part"}
        self.sold_by = {
            one["part"]: Sold(pk, one["supplier"]) for model, pk, one in fields if model == "company.supplierpart"
        }
        self.tests = {
            (one["part"], one["key"]): (pk, one["test_name"])
            for model, pk, one in fields
            if model == "part.parttesttemplate"
        }

    def add(self, model: str, **fields: Any) -> int:
        """Write a row; answers its key."""
        key = FIRST_KEY + self._keys[model]
        self._keys[model] += 1
        self.rows.append({"model": model, "pk": key, "fields": fields})
        return key

    def stock(self, item_no: str, batch: str, quantity: Decimal | int, at: str, **more: Any) -> int:
        """A quantity of a batch in one place and state, which it has had since `at`."""
        blank = dict.fromkeys(
            ("location", "supplier_part", "build", "consumed_by", "expiry_date", "serial", "customer", "purchase_order")
        )
        what = {"part": self.parts[item_no], "batch": batch, "quantity": str(quantity), "updated": at}
        return self.add("stock.stockitem", **(blank | {"is_building": False, "status": OK} | what | more))

    def event(self, item: int, kind: int, at: str, notes: str) -> None:
        """Something that was noted about a stock item."""
        self.add("stock.stockitemtracking", item=item, tracking_type=kind, date=at, notes=notes, deltas={}, user=None)

    def result(self, item: int, item_no: str, test: str, value: str, at: str, *, passed: bool = True) -> None:
        """The result of a test of an item's plan."""
        template, name = self.tests[self.parts[item_no], test]
        self.add(
            "stock.stockitemtestresult",
            stock_item=item,
            template=template,
            test=name,
            result=passed,
            value=value,
            date=at,
        )

    def content(self) -> bytes:
        """The file: master data and what happened, one row a line."""
        return "\n".join(json.dumps(row, ensure_ascii=False) for row in (*self.master, *self.rows)).encode()
