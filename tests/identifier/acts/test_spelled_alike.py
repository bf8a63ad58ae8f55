"""A serial, an order, a shipment and a recall have one number, however it is spelled (REQ 19, 57; B1, D1)."""

from decimal import Decimal
from itertools import count

import pytest
import pytest_asyncio

from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.plant.store import left_to_decide
from models.shipment.messages import ShipLine
from tests.support.plant.direct import at_once, do
from tests.support.plant.packing import shipping
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import Recalling
from tests.support.plant.reshaping import new, splitting
from tests.support.plant.serials import in_stock, registering
from tests.support.servers.database import past_walls

NUMBERS = count(1)
SPELLED = ("sn-{n}", "SN\u2013{n}", "SN {n}".replace(" ", "_"), "ＳＮ－{n}", "sn\u2212{n}")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plant(desk: Plant) -> Plant:
    await desk.material("R-1", 6000)
    await desk.make("DONE", "R-1", 5000)
    await desk.release("DONE")
    return desk


def part(plant: Plant, quantity: int = 5) -> str:
    lot = f"AL-{next(NUMBERS)}"
    do(plant.engine, "reshape", splitting(plant, "DONE", new(lot, quantity)))
    return lot


@pytest.mark.parametrize("spelled", SPELLED)
def test_a_serial_that_folds_like_one_of_its_item_is_taken(plant: Plant, spelled: str) -> None:
    one, other, number = part(plant), part(plant), next(NUMBERS)
    do(plant.engine, "stock", registering(plant, one, f"SN-{number}"))
    for lot in (one, other):
        with pytest.raises(Refusal) as no:
            do(plant.engine, "stock", registering(plant, lot, spelled.format(n=number)))
        assert (no.value.code, no.value.params["lot"]) == ("SER-005", one)
    with pytest.raises(Refusal, match="SER-002"):
        do(
            plant.engine,
            "stock",
            registering(plant, other, f"X-{number}", spelled.format(n=number).replace("N", "n"), f"SN-{number}"),
        )
    do(plant.engine, "stock", registering(plant, other, f"SN{number}"))  # only near: a separator is never deleted


@pytest.mark.parametrize("nothing", ["-", "___", "\u2013"])
def test_a_serial_of_nothing_but_separators_is_none(plant: Plant, nothing: str) -> None:
    with pytest.raises(Refusal, match="SER-008"):
        do(plant.engine, "stock", registering(plant, part(plant), nothing))


@pytest.mark.slow
def test_two_who_register_two_spellings_at_once_are_one_and_a_refusal(plant: Plant) -> None:
    for _ in range(5):
        lots, number = (part(plant), part(plant)), next(NUMBERS)
        tries = (f"rc-{number}", f"RC\u2013{number}")
        done, denied = at_once(
            plant, *(("stock", registering(plant, lot, one)) for lot, one in zip(lots, tries, strict=True))
        )
        assert (len(done), [no.code for no in denied]) == (1, ["SER-005"])


def test_what_folded_alike_before_is_listed_for_a_decision(plant: Plant) -> None:
    lot = part(plant)
    do(plant.engine, "stock", registering(plant, lot, "OLD-1", "OLD-2", "OLD-3"))
    with past_walls(plant.engine) as connection:
        from sqlalchemy import text

        connection.execute(text("update serial_unit set serial_no = 'old 1' where serial_no = 'OLD-2'"))
    with reading(plant.engine) as session:
        assert ("OLD-1", "old 1") in left_to_decide.read(session).alike


def test_a_line_that_names_a_serial_twice_over_drops_none_of_them(plant: Plant) -> None:
    lot = part(plant)
    do(plant.engine, "stock", registering(plant, lot, f"{lot}/1", f"{lot}/2", f"{lot}/3"))

    def ship(quantity: int, serial: str, *serials: str) -> None:
        line = ShipLine(lot_no=lot, quantity=Decimal(quantity), serial_no=serial, serials=serials)
        do(plant.engine, "ship", shipping(plant, f"AL-S-{next(NUMBERS)}", lines=(line,)))

    with pytest.raises(Refusal, match="SER-001"):
        ship(1, f"{lot}/1", f"{lot}/2")
    assert in_stock(plant, lot) == 5
    ship(2, f"{lot}/1", f"{lot}/2")
    ship(1, f"{lot}/3", f"{lot}/3")
    assert in_stock(plant, lot) == 2


async def test_an_order_a_shipment_and_a_recall_are_there_however_they_are_spelled(plant: Plant) -> None:
    await plant.order("AL-ORDER")  # WO-AL-ORDER
    lot = part(plant)
    do(plant.engine, "ship", shipping(plant, "AL-SHIP-1", lines=(ShipLine(lot_no=lot, quantity=Decimal(1)),)))
    await Recalling(plant, "AL-RECALL-1", "drill").open(lot)
    for spell in (str.lower, lambda one: one.replace("-", "\u2013"), lambda one: one.replace("-", " ")):
        with pytest.raises(Refusal, match="SHP-003"):
            do(
                plant.engine,
                "ship",
                shipping(plant, spell("AL-SHIP-1"), lines=(ShipLine(lot_no=lot, quantity=Decimal(1)),)),
            )
        command = plant.order(f"AL-{next(NUMBERS)}", work_order_no=spell("WO-AL-ORDER"))
        with pytest.raises(Refusal, match="OPR-015"):
            await command
        with pytest.raises(Refusal) as no:
            await Recalling(plant, spell("AL-RECALL-1"), "drill").open(lot)
        assert no.value.params["recall"] == "AL-RECALL-1"
    assert in_stock(plant, lot) == 4
