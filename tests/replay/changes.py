"""Changes for the recorder: one that pauses a batch, which goes on, and is closed; and one that is sent back and refused."""

from tests.change.asking import agreed, decide, opened
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete
from tests.support.servers.until import born

LOT = "CHANGED-1"


async def control(plant: Plant) -> dict[str, str]:
    """Its workflows by the names of their histories."""
    await plant.receive(LOT)
    number = await opened(plant, lot_nos=(LOT,))
    await born(plant.client, f"change/{number}")
    await agreed(plant, number)
    await complete(plant, number, "approve", "wu.jingli", "back", reason="请补充风险")
    await agreed(plant, number)
    await complete(plant, number, "approve", "wu.jingli", "approve")
    await decide(plant, number, rest="new_way")
    await complete(plant, number, "close", "wu.jingli", "close", form={"done": "已培训"})
    refused = await opened(plant)
    await born(plant.client, f"change/{refused}")
    await agreed(plant, refused, production="object")
    await complete(plant, refused, "approve", "wu.jingli", "turn_down", reason="产能不足")
    return {f"change/{number}": "Change-closed", f"change/{refused}": "Change-refused"}
