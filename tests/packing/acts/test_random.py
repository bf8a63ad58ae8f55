"""Whatever is packed, taken out, moved, split, held and shipped in whatever order: nothing is there twice or more than is there.

Random acts straight at PostgreSQL; what holds is read from the tables by queries of this test's own (REQUIREMENTS 56).
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as any_of

from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from models.shipment.messages import ShipLine
from tests.support.often import often
from tests.support.plant.direct import do
from tests.support.plant.packing import inner, moving, one, packing, serials, shipping, some, sscc, unpacking
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import new, splitting

NUMBERS = count(1)
START = 30
DONE: Counter[str] = Counter()
SUM = """
select sum((select coalesce(sum(s.quantity), 0) from stock s where s.lot_id = l.id)
         + (select coalesce(sum(n.quantity), 0) from shipment_line n where n.lot_id = l.id)) from lot l where l.lot_no like :family
"""
TOO_MUCH = """
select count(*) from (
  select c.lot_id, u.location_id, sum(c.quantity) as packed from packed_content c
    join logistic_unit u on u.id = c.unit_id where c.unpacked_at is null and c.shipment_line_id is null and c.lot_id is not null group by 1, 2) x
  join lot l on l.id = x.lot_id
  left join stock s on s.lot_id = x.lot_id and s.location_id = x.location_id
 where l.lot_no like :family and x.packed > coalesce(s.quantity, 0)
"""
TWO_PLACES = """
select (select count(*) from (select c.child_id from packed_content c where c.unpacked_at is null and c.child_id is not null
                               group by 1 having count(*) > 1) x)
     + (select count(*) from (select c.serial_unit_id from packed_content c
                               where c.unpacked_at is null and c.shipment_line_id is null and c.serial_unit_id is not null
                               group by 1 having count(*) > 1) y)
     + (select count(*) from packed_content c join logistic_unit u on u.id = c.unit_id join logistic_unit k on k.id = c.child_id
         where c.unpacked_at is null
           and (u.location_id, u.status, u.shipment_id) is distinct from (k.location_id, k.status, k.shipment_id))
"""
LOOPS = """
with recursive down (top, id) as (
  select c.unit_id, c.child_id from packed_content c where c.child_id is not null and c.unpacked_at is null
  union select d.top, c.child_id from down d join packed_content c on c.unit_id = d.id
   where c.child_id is not null and c.unpacked_at is null)
select count(*) from down where top = id
"""
SHIPPED = """
select count(*) from packed_content c join shipment_line s on s.id = c.shipment_line_id
 where s.quantity <> (select sum(d.quantity) from packed_content d where d.shipment_line_id = s.id)
    or s.lot_id <> c.lot_id
"""
ACTS = (
    ["pack"] * 6
    + ["nest"] * 4
    + ["serial"] * 3
    + ["unpack"] * 3
    + ["all_out", "move", "split", "hold", "lift", "send"]
    + ["ship"] * 2
)
WALKS = settings(
    max_examples=often(16, 200), phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)  # fmt: skip
ANY = any_of.tuples(
    any_of.sampled_from(ACTS),
    any_of.integers(0, 3),
    any_of.integers(0, 5),
    any_of.integers(0, 5),
    any_of.sampled_from(["1", "2", "4", "9", "16"]),
)
ORDINARY = [
    ("pack", 0, 1, 0, "9"),
    ("move", 0, 1, 1, "1"),
    ("move", 0, 1, 0, "1"),
    ("unpack", 0, 1, 0, "2"),
    ("all_out", 0, 1, 0, "1"),
]
STEPS = any_of.builds(
    lambda done, then: ORDINARY[:done] + then,
    any_of.sampled_from((0, 4, 5)),
    any_of.lists(ANY, min_size=8, max_size=20),
)
"""Some of an ordinary day, which nothing refuses, then anything: chance alone seldom takes out what it has packed."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def works(desk: Plant) -> Plant:
    await desk.material("R-1", 60_000)
    await desk.make("DONE", "R-1", 50_000)
    await desk.release("DONE")
    return desk


@dataclass
class Walk:
    """Two lots and six units, one of them a pallet, and what became of the tries."""

    plant: Plant
    name: str = field(default_factory=lambda: f"W{next(NUMBERS)}")
    lots: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=lambda: [sscc(next(NUMBERS)) for _ in range(6)])

    def begin(self) -> None:
        for place in range(2):
            lot = f"{self.name}-{place}"
            do(self.plant.engine, "reshape", splitting(self.plant, "DONE", new(lot, START)))
            self.lots.append(lot)
        serials(self.plant, self.lots[0], *(f"{self.name}/{n}" for n in range(4)))

    def scalar(self, query: str) -> Any:
        return self.plant.scalar(query, family=f"{self.name}-%") if ":family" in query else self.plant.scalar(query)

    def step(self, act: str, lot: int, first: int, second: int, quantity: str) -> None:
        """Try it; a "no" is an answer."""
        try:
            getattr(self, act)(self.lots[lot % len(self.lots)], first, second, quantity)
        except Refusal as no:
            DONE["refused"] += 1
            DONE["walls"] += no.code == "API-900"
        else:
            DONE[act] += 1

    def kind(self, place: int) -> str:
        return "pallet" if place == 0 else "case"

    def pack(self, lot: str, first: int, _: int, quantity: str) -> None:
        do(
            self.plant.engine,
            "pack",
            packing(
                self.plant,
                self.units[first],
                some(lot, quantity),
                kind=self.kind(first),
                location=None if self.known(first) else "FG-A1",
            ),
        )

    def known(self, place: int) -> bool:
        return bool(self.plant.scalar("select count(*) from logistic_unit where unit_no = :u", u=self.units[place]))

    def nest(self, _: str, first: int, second: int, __: str) -> None:
        do(
            self.plant.engine,
            "pack",
            packing(
                self.plant,
                self.units[first],
                inner(self.units[second]),
                kind=self.kind(first),
                location=None if self.known(first) else "FG-A1",
            ),
        )

    def serial(self, lot: str, first: int, second: int, _: str) -> None:
        do(
            self.plant.engine,
            "pack",
            packing(
                self.plant,
                self.units[first],
                one(lot, f"{self.name}/{second % 4}"),
                kind=self.kind(first),
                location=None if self.known(first) else "FG-A1",
            ),
        )

    def unpack(self, lot: str, first: int, _: int, quantity: str) -> None:
        do(self.plant.engine, "pack", unpacking(self.plant, self.units[first], some(lot, quantity)))

    def all_out(self, _: str, first: int, __: int, ___: str) -> None:
        do(self.plant.engine, "pack", unpacking(self.plant, self.units[first]))

    def move(self, _: str, first: int, second: int, __: str) -> None:
        do(self.plant.engine, "pack", moving(self.plant, self.units[first], ("FG-A1", "RCV-01")[second % 2]))

    def split(self, lot: str, _: int, __: int, quantity: str) -> None:
        made = f"{self.name}-{next(NUMBERS)}"
        do(self.plant.engine, "reshape", splitting(self.plant, lot, new(made, quantity)))
        self.lots.append(made)

    def hold(self, lot: str, *_: Any) -> None:
        hold = PlaceHold(
            command_id=str(uuid4()), by=self.plant.by("wu.jingli"), lot_nos=(lot,), reason=f"投诉 {next(NUMBERS)}"
        )
        do(self.plant.engine, "place_hold", hold)

    def lift(self, *_: Any) -> None:
        query = (
            "select array_agg(h.public_id::text) from hold h join lot l on l.id = h.lot_id"
            " where l.lot_no like :family and h.lifted_at is null"
        )
        for key in self.scalar(query) or ():
            lift = self.plant.lifting(UUID(key), reason="已查明")
            do(self.plant.engine, "lift_hold", lift)

    def ship(self, _: str, first: int, __: int, ___: str) -> None:
        do(self.plant.engine, "ship", shipping(self.plant, f"S-{next(NUMBERS)}", self.units[first]))

    def send(self, lot: str, _: int, __: int, quantity: str) -> None:
        line = ShipLine(lot_no=lot, quantity=Decimal(quantity))
        do(self.plant.engine, "ship", shipping(self.plant, f"S-{next(NUMBERS)}", lines=(line,)))


@pytest.mark.slow
@settings(WALKS)
@given(steps=STEPS)
def test_nothing_is_there_twice_whatever_is_packed(works: Plant, steps: list[tuple[str, int, int, int, str]]) -> None:
    walk = Walk(works)
    walk.begin()
    for step in steps:
        walk.step(*step)
        assert (walk.scalar(SUM), walk.scalar(TOO_MUCH)) == (2 * START, 0), step
    assert (walk.scalar(TWO_PLACES), walk.scalar(LOOPS), walk.scalar(SHIPPED)) == (0, 0, 0)


@pytest.mark.slow
def test_these_walks_did_everything() -> None:
    """The control: the test above is about something."""
    assert {*ACTS, "refused"} <= {one for one, times in DONE.items() if times >= often(1, 3)}, DONE
    assert DONE["walls"] == 0  # the rules say no before the walls do
