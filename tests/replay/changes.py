"""Changes for the recorder: one that is carried out, read, verified and closed while a batch waits; and one that is withdrawn over its task.

`Change-closed` and `Change-refused` are of the process before it had tasks; they stay as they were recorded.
"""

from tests.change.asking import TRAINED, agreed, carried_out, decide, effective, opened
from tests.change.test_emergency import ASSESSED, done
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
    await agreed(plant, number, training=[TRAINED])
    await complete(plant, number, "approve", "wu.jingli", "approve")
    task, training = f"change-task/{number}/1", f"change-training/{number}/2"
    for one in (task, training):
        await born(plant.client, one)
    await complete(plant, number, "batches", "chen.pi", "later", reason="等验证")
    await carried_out(plant, number)
    await complete(plant, number, "verify", "chen.pi", "verified", form={"evidence": "SOP-17 v3"})
    await decide(plant, number, "batches_left", rest="new_way")
    await complete(plant, number, "read_operator", "wang.cao", signed=True)
    await effective(plant, number)
    await complete(plant, number, "close", "wu.jingli", "close", form={"done": "按新方式生产"})
    withdrawn = await opened(plant)
    await born(plant.client, f"change/{withdrawn}")
    await agreed(plant, withdrawn)
    await complete(plant, withdrawn, "approve", "wu.jingli", "approve")
    open_ = f"change-task/{withdrawn}/1"
    await born(plant.client, open_)
    await complete(plant, withdrawn, "verify", "chen.pi", "withdraw", form={"evidence": "停产"}, reason="停产")
    await plant.receive(f"{LOT}-E")
    emergency = await opened(plant, lot_nos=(f"{LOT}-E",), already=done())
    await born(plant.client, f"change-emergency/{emergency}")
    await complete(plant, emergency, "assess_done", "zhou.shen", form=ASSESSED)
    await complete(plant, emergency, "approve_done", "wu.jingli", "turn_down", reason="未验证")
    await decide(plant, emergency, "batches_refused", rest="new_way")
    return {
        f"change-emergency/{emergency}": "Change-emergency",
        f"change/{number}": "Change-verified",
        task: "Change-task",
        training: "Change-training",
        open_: "Change-task-withdrawn",
    }
