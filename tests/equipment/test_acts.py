"""A value in another unit than the order's is never held against the order's limits (REQ 58, 61; 21 CFR 820.70)."""

from decimal import Decimal
from itertools import count
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as some

from models.kernel.units.units import SPELLINGS
from models.order import rules as master
from models.order.messages.routing import AskedValue, PlannedStep
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.record import refused

NUMBERS = count(1)
BAKE = PlannedStep(
    seq=10,
    code="BAKE",
    title_zh="退火",
    title_en="Anneal",
    parameters=(
        AskedValue(name="温度", name_en="Temperature", unit="°C", lower=Decimal(80), upper=Decimal(90)),
        AskedValue(name="载荷", unit="kg", upper=Decimal(2)),
    ),
    readings=(AskedValue(name="pressure", unit="Pa", lower=Decimal(10), upper=Decimal(60)),),
    room="CR-2",
)
HEAT, LOAD, AIR = (
    {"name": "温度", "value": "85", "unit": "°C"},
    {"name": "载荷", "value": "1.5", "unit": "kg"},
    {"quantity": "pressure", "value": 45, "unit": "Pa"},
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    await desk.material("OU-R", 9000)
    return desk


async def order(plant: Plant) -> str:
    lot = f"OU-{next(NUMBERS)}"
    await plant.order(lot, steps=(BAKE,))
    return lot


def bake(plant: Plant, lot: str, **more: Any) -> None:
    told: dict[str, Any] = {"parameters": (HEAT, LOAD), "environment": (AIR,)}
    consumes = ({"lot_no": "OU-R", "quantity": 50},)
    do(plant.engine, "record_operation", plant.operation(lot, 10, produced=50, consumes=consumes, **{**told, **more}))


@pytest.mark.parametrize(
    "more",
    [
        {"parameters": (HEAT | {"unit": "°F"}, LOAD)},
        {"parameters": (HEAT | {"name": "temperature", "unit": "K"}, LOAD)},
        {"parameters": (HEAT, LOAD | {"unit": "lb"})},
        {"parameters": (HEAT, LOAD | {"unit": "g"})},
        {"environment": (AIR | {"unit": "kPa"},)},
        {"environment": (AIR | {"unit": "mmH2O"},)},
    ],
)
async def test_another_unit_is_refused_and_nothing_is_written(shop: Plant, more: dict[str, Any]) -> None:
    lot = await order(shop)
    with refused(shop.engine, "OPR-035", 422):
        bake(shop, lot, **more)


@pytest.mark.parametrize(("unit", "load"), [("℃", "KG"), ("°C", "公斤"), (None, None), ("°C\u200b", "kg")])
async def test_the_same_unit_in_another_spelling_is_kept_as_the_orders(
    shop: Plant, unit: str | None, load: str | None
) -> None:
    lot = await order(shop)
    bake(shop, lot, parameters=(HEAT | {"unit": unit}, LOAD | {"unit": load}))
    kept = shop.scalar(
        "select array_agg(p.unit order by p.id) from operation_parameter p join operation_run r on r.id = p.operation_run_id"
        " join lot l on l.id = r.lot_id where l.lot_no = :lot",
        lot=lot,
    )
    assert kept == ["°C", "kg"]


@given(some.sampled_from(sorted(SPELLINGS)), some.sampled_from(sorted(SPELLINGS)))
def test_two_units_are_one_only_when_one_of_each_is_as_much(one: str, other: str) -> None:
    assert master.same_unit(one, other) == (SPELLINGS[one] == SPELLINGS[other])
