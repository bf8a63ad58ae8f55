"""Labels of goods that are packed anew are held against the packs, and a difference is recorded and holds them (21 CFR 820.45)."""

from itertools import count
from typing import Any

import pytest
import pytest_asyncio

from models.kernel.refusal import Refusal
from models.shipment.messages import ShipLine
from tests.support.plant.direct import do
from tests.support.plant.packing import shipping
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import in_stock, repacking

NUMBERS = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plant(desk: Plant) -> Plant:
    await desk.material("R-1", 2000)
    await desk.make("DONE", "R-1", 1500)
    await desk.release("DONE")
    return desk


def packed(plant: Plant, printed: int, applied: int, scrapped: int, each: int | None = None, packs: Any = 4) -> str:
    lot = f"LR-{next(NUMBERS)}"
    told = {"labels_printed": printed, "labels_applied": applied, "labels_scrapped": scrapped, "labels_each": each}
    do(plant.engine, "reshape", repacking(plant, "DONE", 20, lot, packs, "box", **told))
    return lot


def holds(plant: Plant, lot: str) -> list[str]:
    found = plant.scalar(
        "select array_agg(h.cause) from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot and h.lifted_at is null",
        lot=lot,
    )
    return list(found or ())


@pytest.mark.parametrize(
    ("counts", "off"),
    [
        ((6, 4, 2), 0),
        ((4, 4, 0, 1), 0),
        ((24, 24, 0, 6), 0),  # a box and the five in it
        ((0, 0, 0, 0), 0),  # packs that carry none
        ((0, 0, 0), 4),
        ((5, 4, 0), 1),  # one is nowhere
        ((100, 100, 0), 96),
        ((4, 3, 1), 1),  # a box without
        ((4, 5, 0), 2),  # more than were printed, one too many on the goods
    ],
)
def test_a_difference_is_kept_as_it_was_counted_and_holds_the_new_batch(
    plant: Plant, counts: tuple[int, ...], off: int
) -> None:
    lot = packed(plant, *counts)
    assert in_stock(plant, lot) == 4  # the counts are recorded, whatever they are
    for fact, of in (("lot.repacked_from", lot), ("lot.repacked", "DONE")):
        kept = plant.scalar(
            "select f.data -> 'labels' ->> 'difference' from lot_fact f join lot l on l.id = f.lot_id"
            " where l.lot_no = :lot and f.fact = :fact order by f.id desc limit 1",
            lot=of,
            fact=fact,
        )
        assert kept == str(off)
    assert holds(plant, lot) == (["labels"] if off else [])
    ship = shipping(plant, f"S-{lot}", lines=(ShipLine(lot_no=lot, quantity=1),))
    if off:
        with pytest.raises(Refusal, match="LOT-003"):
            do(plant.engine, "ship", ship)
    else:
        do(plant.engine, "ship", ship)


@pytest.mark.parametrize(
    ("packs", "code"), [("2.5", "UNI-005"), ("0.5", "UNI-005"), ("-4", "STK-002"), ("0", "STK-002")]
)
def test_half_a_pack_is_none(plant: Plant, packs: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        packed(plant, 4, 4, 0, packs=packs)
