"""Limits of incoming lots for the recorder: sent back once and frozen; and the alert of two lots beyond them, sent back once and closed."""

from tests.supplier.asking import goods
from tests.support.plant.plant import Plant
from tests.support.processes.drifting import alert, asked, assessed, before, came, closed, form, frozen
from tests.support.processes.matter import complete
from tests.support.servers.until import born


async def drift(plant: Plant) -> dict[str, str]:
    """Its workflows by the names of their histories."""
    item = goods(plant, "DRI-ROD", "DRI-1")
    plant.rely(item, "DRI-1")
    before(plant, "DRI", item, "DRI-1")
    number = await asked(plant, "DRI-1", item)
    await born(plant.client, f"drift-limits/{number}/1")
    await complete(plant, number, "propose", "zhou.shen", form=form())
    await complete(plant, number, "freeze", "chen.pi", "back", reason="请说明基准")
    await frozen(plant, number)
    await came(plant, "DRI-A", item, "DRI-1", 12.04)
    found = alert(plant, number)["number"]
    await born(plant.client, f"supplier-alert/{found}")
    await assessed(plant, found)
    await came(plant, "DRI-B", item, "DRI-1", 12.04)
    await complete(plant, found, "conclude", "chen.pi", "back", reason="又来一批")
    await closed(plant, found, "ask_supplier")
    return {f"drift-limits/{number}/1": "DriftLimits-frozen", f"supplier-alert/{found}": "SupplierAlert-closed"}
