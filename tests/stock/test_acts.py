"""A serial number is in one place at a time, whatever is shipped, used, packed, split, scrapped and brought back."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as any_of

from models.kernel.refusal import Refusal
from models.shipment.messages import ShipLine
from tests.support.often import often
from tests.support.plant.direct import at_once, do
from tests.support.plant.packing import one, packing, shipping, some, sscc, unpacking
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import merging, new, splitting
from tests.support.plant.serials import MORE_NUMBERS_THAN_PIECES, WHERE, by_number_only, in_stock, registering

NUMBERS = count(1)
DONE: Counter[str] = Counter()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plant(desk: Plant) -> Plant:
    await desk.material("R-1", 60_000)
    await desk.make("DONE", "R-1", 50_000)
    await desk.release("DONE")
    return desk


def part(plant: Plant, quantity: int = 5, *, numbers: int | None = None) -> tuple[str, tuple[str, ...]]:
    """A released lot whose pieces have numbers."""
    lot = f"SP-{next(NUMBERS)}"
    do(plant.engine, "reshape", splitting(plant, "DONE", new(lot, quantity)))
    given = tuple(f"{lot}/{n}" for n in range(quantity if numbers is None else numbers))
    if given:
        do(plant.engine, "stock", registering(plant, lot, *given))
    return lot, given


def line(lot: str, quantity: Any, serial: str | None = None, *serials: str) -> ShipLine:
    return ShipLine(lot_no=lot, quantity=Decimal(str(quantity)), serial_no=serial, serials=serials)


def ship(plant: Plant, *lines: ShipLine) -> str:
    number = f"SS-{next(NUMBERS)}"
    do(plant.engine, "ship", shipping(plant, number, lines=lines))
    return number


def refused(plant: Plant, *lines: ShipLine) -> str:
    with pytest.raises(Refusal) as no:
        ship(plant, *lines)
    return no.value.code


def test_a_serial_ships_once_whole_and_only_of_its_own_lot(plant: Plant) -> None:
    lot, sn = part(plant)
    other, others = part(plant)
    assert refused(plant, line(lot, 2)) == "SER-001"
    assert refused(plant, line(lot, "0.5", sn[0])) == "UNI-005"
    assert refused(plant, line(lot, 2, sn[0])) == "SER-006"
    assert refused(plant, line(lot, 1, sn[0]), line(lot, 1, sn[0])) == "SER-003"
    assert refused(plant, line(lot, 2, None, sn[0], sn[0])) == "SER-002"
    assert refused(plant, line(lot, 1, others[0])) == "SHP-004"
    assert in_stock(plant, lot) == 5  # nothing of a refused shipment left
    ship(plant, line(lot, 1, sn[0]), line(lot, 2, None, sn[1], sn[2]))
    assert in_stock(plant, lot) == 2
    assert refused(plant, line(lot, 1, sn[0])) == "SER-003"
    assert (
        plant.scalar("select count(*) from shipment_line s join lot l on l.id = s.lot_id where l.lot_no = :l", l=lot)
        == 3
    )
    del other


def test_a_serialised_item_doesnt_leave_before_its_pieces_have_numbers(plant: Plant) -> None:
    lot, _ = part(plant, 3, numbers=0)
    by_number_only(plant)
    try:
        assert refused(plant, line(lot, 1)) == "SER-001"
        with pytest.raises(Refusal, match="SER-001"):
            do(plant.engine, "pack", packing(plant, sscc(7_000 + next(NUMBERS)), some(lot, 1)))
        do(plant.engine, "stock", registering(plant, lot, f"{lot}/a"))
        ship(plant, line(lot, 1, f"{lot}/a"))
    finally:
        by_number_only(plant, serialised=False)


def test_a_number_is_registered_once_for_its_item(plant: Plant) -> None:
    lot, sn = part(plant, 3, numbers=2)
    other, _ = part(plant, 3, numbers=0)
    for code, command in (
        ("SER-005", registering(plant, other, sn[0])),
        ("SER-004", registering(plant, lot, "X-1", "X-2")),
        ("LOT-001", registering(plant, "NO-SUCH", "X-1")),
    ):
        with pytest.raises(Refusal) as no:
            do(plant.engine, "stock", command)
        assert no.value.code == code
    note = (
        "select data ->> 'serials' from lot_fact f join lot l on l.id = f.lot_id where l.lot_no = :lot and fact = :fact"
    )
    assert plant.scalar(note, lot=lot, fact="lot.serials_registered") == f"{sn[0]} … {sn[1]} (2)"


@pytest.mark.slow
def test_two_shipments_race_for_one_serial_and_two_lots_for_one_number(plant: Plant) -> None:
    for _ in range(6):
        lot, sn = part(plant)
        other, _ = part(plant, 3, numbers=0)
        acts = [("ship", shipping(plant, f"SS-{next(NUMBERS)}", lines=(line(lot, 1, sn[0]),))) for _ in range(2)]
        done, denied = at_once(plant, *acts)
        assert (len(done), [no.code for no in denied]) == (1, ["SER-003"])
        third, _ = part(plant, 3, numbers=0)
        done, denied = at_once(plant, *(("stock", registering(plant, one, f"{lot}/new")) for one in (other, third)))
        assert (len(done), [no.code for no in denied]) == (1, ["SER-005"])


async def test_what_is_used_in_production_names_its_numbers(plant: Plant) -> None:
    do(plant.engine, "reshape", splitting(plant, "R-1", new("R-SN", 6)))
    sn = tuple(f"R-SN/{n}" for n in range(6))
    do(plant.engine, "stock", registering(plant, "R-SN", *sn))
    await plant.order("USES", 4)
    for serials in ((), sn[:2], (sn[0], sn[0], sn[1], sn[2]), (*sn[:3], "DONE/1")):
        with pytest.raises(Refusal, match="SER-00"):
            await plant.door.record_operation(
                plant.client,
                "USES",
                plant.operation(
                    "USES", 10, equipment=("M-07",), consumes=({"lot_no": "R-SN", "quantity": 4, "serials": serials},)
                ),
            )
    consumes = ({"lot_no": "R-SN", "quantity": 4, "serials": sn[:4]},)
    await plant.door.record_operation(
        plant.client, "USES", plant.operation("USES", 10, equipment=("M-07",), consumes=consumes)
    )
    assert in_stock(plant, "R-SN") == 2
    assert (
        plant.scalar("select count(*) from serial_unit where left_by_id is not null and serial_no like 'R-SN/%'") == 4
    )
    with pytest.raises(Refusal, match="RSH-008"):
        do(plant.engine, "reshape", splitting(plant, "R-SN", new("R-SN-B", 1, sn[0])))


ACTS = (
    ["ship", "ship_many", "ship_unnamed", "merge", "register", "case"] + ["pack"] * 4 + ["unpack"] * 4 + ["split"] * 2
)
WALKS = settings(
    max_examples=often(10, 200), phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)  # fmt: skip
STEPS = any_of.lists(
    any_of.tuples(any_of.sampled_from(ACTS), any_of.integers(0, 5), any_of.integers(0, 9), any_of.integers(0, 3)),
    min_size=8,
    max_size=16,
)


@dataclass
class Walk:
    """Two lots, ten numbers and a case, and what became of the tries."""

    plant: Plant
    name: str = field(default_factory=lambda: f"SW{next(NUMBERS)}")
    lots: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=lambda: [sscc(90_000 + next(NUMBERS)) for _ in range(2)])

    def begin(self) -> None:
        for place in range(2):
            lot = f"{self.name}-{place}"
            do(self.plant.engine, "reshape", splitting(self.plant, "DONE", new(lot, 6)))
            do(
                self.plant.engine,
                "stock",
                registering(self.plant, lot, *(self.serial(5 * place + n) for n in range(5))),
            )
            self.lots.append(lot)

    def home(self, number: int, lot: str) -> str:
        """Where it is said to be, or for one in five tries elsewhere."""
        query = "select l.lot_no from serial_unit u join lot l on l.id = u.lot_id where u.serial_no = :sn"
        return lot if next(NUMBERS) % 5 == 0 else str(self.plant.scalar(query, sn=self.serial(number)))

    def some(self, lot: str, first: int, more: int) -> list[str]:
        """As many numbers as the record has loose in that lot, and at last others."""
        query = """
            select coalesce(array_agg(u.serial_no order by u.id), '{}') from serial_unit u join lot l on l.id = u.lot_id
             where l.lot_no = :lot and serial_is_here(u) and not exists (
               select from packed_content c where c.serial_unit_id = u.id and c.unpacked_at is null)"""
        here = list(self.plant.scalar(query, lot=lot))
        return (here + [self.serial((first + n) % 10) for n in range(more)])[:more]

    def serial(self, number: int) -> str:
        return f"{self.name}/{number}"

    def step(self, act: str, lot: int, first: int, more: int) -> None:
        try:
            getattr(self, act)(self.lots[lot % len(self.lots)], first, more)
        except Refusal as no:
            DONE["refused"] += 1
            DONE["walls"] += no.code == "API-900"
        else:
            DONE[act] += 1

    def ship(self, lot: str, first: int, _: int) -> None:
        ship(self.plant, line(self.home(first, lot), 1, self.serial(first)))

    def ship_many(self, lot: str, first: int, more: int) -> None:
        lot = self.home(first, lot)
        ship(self.plant, line(lot, more + 1, None, *self.some(lot, first, more + 1)))

    def ship_unnamed(self, lot: str, _: int, more: int) -> None:
        ship(self.plant, line(lot, more + 1))

    def pack(self, lot: str, first: int, more: int) -> None:
        do(
            self.plant.engine,
            "pack",
            packing(self.plant, self.cases[more % 2], one(self.home(first, lot), self.serial(first))),
        )

    def unpack(self, lot: str, first: int, more: int) -> None:
        do(
            self.plant.engine,
            "pack",
            unpacking(self.plant, self.cases[more % 2], one(self.home(first, lot), self.serial(first))),
        )

    def case(self, _: str, __: int, more: int) -> None:
        do(self.plant.engine, "ship", shipping(self.plant, f"SS-{next(NUMBERS)}", self.cases[more % 2]))

    def split(self, lot: str, first: int, more: int) -> None:
        made = f"{self.name}-{next(NUMBERS)}"
        lot = self.home(first, lot)
        named = self.some(lot, first, max(more, 1))
        do(self.plant.engine, "reshape", splitting(self.plant, lot, new(made, max(more, 1), *named)))
        self.lots.append(made)

    def merge(self, lot: str, first: int, _: int) -> None:
        made = f"{self.name}-{next(NUMBERS)}"
        do(self.plant.engine, "reshape", merging(self.plant, made, lot, self.lots[first % len(self.lots)]))
        self.lots.append(made)

    def register(self, lot: str, first: int, _: int) -> None:
        do(self.plant.engine, "stock", registering(self.plant, lot, self.serial(first)))


@pytest.mark.slow
@settings(WALKS)
@given(steps=STEPS)
def test_a_serial_is_in_one_place_whatever_is_done(plant: Plant, steps: list[tuple[str, int, int, int]]) -> None:
    """After any acts each number is there once, gone at most once, packed at most once, never both; and none too many."""
    walk = Walk(plant)
    walk.begin()
    for step in steps:
        walk.step(*step)
    with plant.engine.connect() as connection:
        from sqlalchemy import text

        rows = connection.execute(text(WHERE), {"like": f"{walk.name}/%"}).all()
    assert len(rows) == len({row.serial_no for row in rows}) == 10
    assert all(row.gone + row.packed <= 1 for row in rows), rows
    assert plant.scalar(MORE_NUMBERS_THAN_PIECES) == 0


@pytest.mark.slow
def test_these_walks_did_everything() -> None:
    """The control: the test above is about something."""
    assert {*ACTS, "refused"} - {"register"} <= {one for one, times in DONE.items() if times}, DONE
    assert DONE["walls"] == 0  # the rules say no before the walls do
