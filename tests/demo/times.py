"""When things happened in the loaded demo company, as its own API tells it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from models.calendar.store import shipped
from models.kernel.time.moments import plant_day
from runtime.demo.before.legacy import Days
from runtime.demo.people.office import Colleague

PLANT = ZoneInfo("Asia/Shanghai")
UNATTENDED = frozenset({"BURN", "EO", "GAMMA", "AIR"})
"""Operations of a cabinet, a chamber, an irradiator; and waiting for air and indicators."""
STEPS = (
    ("lot.received", "production.started"),
    ("operation.recorded",),
    ("production.finished",),
    ("inspection.accepted", "inspection.failed"),
    ("lot.packed",),
    ("lot.released", "lot.rejected"),
    ("lot.warehoused",),
    ("lot.shipped",),
)
"""The facts of a batch's life: what stands further down happened later."""


@dataclass(frozen=True)
class Operation:
    """One operation as it was told."""

    lot_no: str
    seq: int
    code: str
    began: datetime
    ended: datetime
    recorded: datetime
    people: tuple[str, ...]
    machines: tuple[str, ...]
    load_no: str | None


@dataclass(frozen=True)
class Order:
    """An order with its operations in the order of their numbers."""

    work_order_no: str
    lot_no: str
    item_no: str
    opened: datetime
    entered: datetime
    codes: tuple[str, ...]
    operations: tuple[Operation, ...]


def moment(text: str) -> datetime:
    """An instant of JSON."""
    return datetime.fromisoformat(text)


def orders(person: Colleague) -> list[Order]:
    """Every order that was made here."""
    found = person.get("/work-orders", limit=200)["items"]
    return [
        _order(one, person.get(f"/work-orders/{one['work_order_no']}")) for one in found if one["origin"] == "native"
    ]


def _order(one: dict[str, Any], whole: dict[str, Any]) -> Order:
    codes = {step["seq"]: step["code"] for step in whole["routing"]}
    done = [
        Operation(
            one["lot_no"],
            op["seq"],
            codes[op["seq"]],
            moment(op["started_at"]),
            moment(op["finished_at"]),
            moment(op["recorded_at"]),
            tuple(who["name"] for who in op["people"]),
            tuple(machine["equipment_no"] for machine in op["equipment"]),
            op["load_no"],
        )
        for op in whole["operations"]
    ]
    return Order(
        one["work_order_no"],
        one["lot_no"],
        one["item_no"],
        moment(one["opened_at"]),
        moment(one["created_at"]),
        tuple(codes[seq] for seq in sorted(codes)),
        tuple(sorted(done, key=lambda op: op.seq)),
    )


def in_hours(at: datetime, since: str = "08:00", until: str = "17:30") -> bool:
    """Whether people are at work in the plant."""
    calendar = shipped().calendar("china")
    assert calendar is not None
    day = plant_day(at, PLANT.key)
    return Days(day, calendar, PLANT).is_working(day) and since <= f"{at.astimezone(PLANT):%H:%M}" <= until


def overlapping(operations: Iterable[Operation]) -> Iterator[tuple[Operation, Operation]]:
    """Of what somebody or something did, what began before the one before it had ended."""
    for before, after in pairwise(sorted(operations, key=lambda op: (op.began, op.ended))):
        if after.began < before.ended:
            yield before, after


def life(person: Colleague, lot_no: str) -> dict[int, list[datetime]]:
    """When each step of a batch's life was, by its place in `STEPS`."""
    found: dict[int, list[datetime]] = {}
    for fact in person.get(f"/lots/{lot_no}/timeline", limit=200)["items"]:
        for place, names in enumerate(STEPS):
            if fact["fact"] in names:
                found.setdefault(place, []).append(moment(fact["happened_at"] or fact["at"]))
    return found
