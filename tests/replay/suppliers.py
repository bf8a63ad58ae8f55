"""Approvals of suppliers for the recorder: one that is sent back, in force and assessed again before its day; and one that is refused."""

from tests.supplier.asking import asked, goods, proposed, signed
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete, stages
from tests.support.servers.until import born, until

UNSUITABLE = {"basis": "audit", "risk": "high", "findings": "无检验能力"}


async def approve(plant: Plant) -> dict[str, str]:
    """Its workflows by the names of their histories."""
    item = goods(plant, "REC-ROD", "REC-1", "REC-2")
    number = await asked(plant, "REC-1", item)
    await born(plant.client, f"supplier-approval/{number}/1")
    await proposed(plant, number)
    await complete(plant, number, "review", "chen.pi", "back", reason="请补充审核报告")
    await signed(plant, number)
    await asked(plant, "REC-1", item, reason="来货波动")
    await until(lambda: stages(plant, number) == ["assess"])
    await signed(plant, number, condition="certificate")
    refused = await asked(plant, "REC-2", item)
    await born(plant.client, f"supplier-approval/{refused}/1")
    await complete(
        plant, refused, "assess", "zhou.shen", "unsuitable", signed=False, form=UNSUITABLE, reason="无检验能力"
    )
    await complete(plant, refused, "refuse", "wu.jingli", "refuse", reason="无检验能力")
    return {
        f"supplier-approval/{number}/1": "SupplierApproval-in-force",
        f"supplier-approval/{refused}/1": "SupplierApproval-refused",
    }
