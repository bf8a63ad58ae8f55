"""Requests to suppliers for the recorder: one that is sent back, accepted, looked at and closed, and one that is withdrawn while it waits."""

from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete, stages
from tests.support.processes.scars import answered, in_days, raised, sent, supplier, withdrawn
from tests.support.servers.until import born, ended, until


async def ask(plant: Plant) -> dict[str, str]:
    """Its workflows by the names of their histories."""
    who = supplier(plant, "REC-S")
    number = await raised(plant, who)
    await born(plant.client, f"scar/{number}")
    for outcome in ("back", "accept_and_check"):
        await answered(plant, who, await sent(plant, number))
        await until(lambda: stages(plant, number) == ["review"])
        await complete(plant, number, "review", "chen.pi", outcome, reason="原因不充分" if outcome == "back" else None)
    await complete(plant, number, "plan_check", "zhou.shen", form={"check_on": in_days(90)})
    other = await raised(plant, who)
    await born(plant.client, f"scar/{other}")
    await sent(plant, other)
    await withdrawn(plant, other)
    await ended(plant.client, f"scar/{other}")
    return {f"scar/{number}": "SupplierCorrectiveAction-checked", f"scar/{other}": "SupplierCorrectiveAction-withdrawn"}
