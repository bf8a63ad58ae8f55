"""A pallet that is named by its label: what the label says is on it is compared at every act (REQ 19, 27, 56; ISO 13485 7.5.8)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from models.item.tables import ItemIdentifier
from models.kernel.messages import UnitLabels
from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from tests.support.plant.direct import do
from tests.support.plant.packing import inner, moving, packing, shipping, some, sscc, unpacking
from tests.support.plant.plant import SETUP, Plant

GTIN, OTHER = "06901234567892", "06901234567908"


@pytest.fixture(scope="module")
async def plant(desk: Plant) -> Plant:
    for lot_no in ("H-1", "H-2"):
        await desk.material(f"R-{lot_no}", 500)
        await desk.make(lot_no, f"R-{lot_no}", 200)
        await desk.release(lot_no)
    with act(desk.engine, SETUP) as session:
        for item_no, code in (("HIP-12", GTIN), ("PEEK-20", OTHER)):
            item = session.connection().execute(text("select id from item where item_no = :no"), {"no": item_no})
            session.add(ItemIdentifier(item_id=item.scalar_one(), agency="GS1", code=code, level="Primary"))
    return desk


def said(number: str, *, gtin: str = GTIN, count: int = 3, lot: str = "H-1", expiry: str = "311000") -> str:
    return f"(00){number}(02){gtin}(17){expiry}(37){count}(10){lot}"


Door = Callable[[Plant, str, str], tuple[str, Any]]
DOORS: dict[str, Door] = {
    "ship": lambda plant, _, label: ("ship", shipping(plant, f"SH-{uuid4().hex[:6]}", label)),
    "move": lambda plant, _, label: ("pack", moving(plant, label, "RCV-01")),
    "move, at its address": lambda plant, number, label: ("pack", at_address(moving(plant, number, "RCV-01"), label)),
    "unpack": lambda plant, _, label: ("pack", unpacking(plant, label, some("H-1", 1))),
    "onto a pallet": lambda plant, _, label: ("pack", packing(plant, sscc(7000 + int(plant.scalar("select count(*) from logistic_unit"))), inner(label), kind="pallet")),
}  # fmt: skip
"""Every act that names a unit that is packed already."""
WRONG = {
    "batch": {"lot": "H-2"},
    "product": {"gtin": OTHER},
    "count": {"count": 4},
    "expiry": {"expiry": "301000"},
}


def at_address(command: Any, label: str) -> Any:
    return command.model_copy(update={"unit_labels": (UnitLabels(unit_no=command.unit_no, labels=(label,)),)})


def a_case(plant: Plant, n: int) -> str:
    number = sscc(n)
    do(plant.engine, "pack", packing(plant, number, some("H-1", 3)))
    return number


@pytest.mark.parametrize("door", [*DOORS])
async def test_a_label_that_agrees_or_says_only_its_number_is_taken(plant: Plant, door: str) -> None:
    for place, label in enumerate(("(00){}", "]C100{}", said("{}"))):
        number = a_case(plant, 500 + 10 * [*DOORS].index(door) + place)
        do(plant.engine, *DOORS[door](plant, number, label.format(number)))
        assert kept(plant, "H-1", number) == []


@pytest.mark.parametrize("wrong", [*WRONG])
@pytest.mark.parametrize("door", [*DOORS])
async def test_a_label_that_contradicts_the_record_is_refused_until_somebody_says_why(
    plant: Plant, door: str, wrong: str
) -> None:
    number = a_case(plant, 100 + 10 * [*DOORS].index(door) + [*WRONG].index(wrong))
    label = said(number, **WRONG[wrong])  # type: ignore[arg-type]
    before = plant.scalar("select count(*) from lot_fact")
    name, command = DOORS[door](plant, number, label)
    with pytest.raises(Refusal) as refused:
        do(plant.engine, name, command)
    assert refused.value.code == "PCK-023"
    assert plant.scalar("select count(*) from lot_fact") == before, "nothing was done"
    do(plant.engine, name, command.model_copy(update={"label_reason": "旧标签，已核对实物"}))
    ((reason, whats),) = kept(plant, "H-1", number)
    assert (reason, whats) == ("旧标签，已核对实物", [{"batch": "number"}.get(wrong, wrong)])


async def test_the_label_of_a_unit_that_is_being_packed_is_compared_with_what_is_in_it_then(plant: Plant) -> None:
    number = sscc(900)
    do(plant.engine, "pack", packing(plant, said(number, count=5), some("H-1", 3)))
    assert plant.scalar("select count(*) from logistic_unit where unit_no = :n", n=number) == 1
    for contents in ((some("H-2", 1),), (some("H-1", 3),)):
        with pytest.raises(Refusal) as refused:
            do(plant.engine, "pack", packing(plant, said(number, count=5), *contents))
        assert refused.value.code == "PCK-023"
    do(plant.engine, "pack", packing(plant, said(number, count=5), some("H-1", 2)))


def kept(plant: Plant, lot_no: str, number: str) -> list[tuple[str, list[str]]]:
    with plant.engine.connect() as connection:
        rows = connection.execute(
            text(
                "select e.data from lot_fact e join lot l on l.id = e.lot_id"
                " where l.lot_no = :lot and e.fact = 'lot.label_differs' and e.data ->> 'unit' = :unit"
            ),
            {"lot": lot_no, "unit": number},
        ).scalars()
        return [(one["label_reason"], [each["what"] for each in one["label_differs"]]) for one in rows]
