"""A breakdown for the recorder: repaired, sent back once, and taken back into use."""

from tests.support.plant.plant import Plant
from tests.support.processes.breaking import machine, mended, report
from tests.support.processes.matter import complete
from tests.support.servers.until import born
from workflows.temporal import start


async def breakdown(plant: Plant) -> dict[str, str]:
    """Its workflow by the name of its history."""
    number = machine(plant, "BDR-1")
    found = (await start.ask(plant.client, report(plant, number))).data["number"]
    await born(plant.client, f"breakdown/{found}")
    await complete(plant, found, "repair", "zhao.liu", form=mended())
    form = {"checked": "试运行正常"}
    await complete(plant, found, "resume", "chen.pi", "again", form=form, reason="请复查")
    await complete(plant, found, "repair", "zhao.liu", form=mended())
    await complete(plant, found, "resume", "chen.pi", "restore", form=form)
    return {f"breakdown/{found}": "Breakdown-back"}
