"""Lots that are watched, for the tests of this folder."""

from tests.supplier.asking import goods
from tests.support.plant.plant import Plant
from tests.support.processes.drifting import asked, before, frozen


async def watched(plant: Plant, name: str, *, freeze: bool | None = True, rules: str = "western_electric") -> str:
    """An item with lots of before from a supplier of its own; with `freeze` their means are watched."""
    item = goods(plant, f"ROD-{name}", f"W-{name}")
    plant.rely(item, f"W-{name}")
    before(plant, name, item, f"W-{name}")
    if freeze:
        await frozen(plant, await asked(plant, f"W-{name}", item), rules=rules)
    return item
