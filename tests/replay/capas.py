"""A CAPA for the recorder: contained, planned, carried out with more time for its action, sent back, and found to need nothing more."""

from datetime import date, timedelta
from typing import Any

from models.capa.messages import OpenCapa
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete
from tests.support.servers.until import born
from workflows.temporal import start

INVESTIGATED = {
    "problem": "毛刺",
    "method": "five_why",
    "steps": [{"asked": "为什么", "found": "刀具磨损"}],
    "cause": "换刀周期",
    "cause_class": "tool",
}


def _in_days(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 - the plant's day, give or take one


def _plan() -> dict[str, Any]:
    action = {"title": "换刀", "kind": "corrective", "area": "production", "owner": "wang.cao", "due": _in_days(10)}
    measured = {"measure": "findings", "direction": "at_most", "limit": "0", "measure_on": _in_days(100)}
    return {"actions": [action], **measured}


async def solve(plant: Plant) -> dict[str, str]:
    """Its workflows by the names of their histories."""
    command = OpenCapa(command_id="open", by=plant.by("zhou.shen"), title="毛刺", item_no="PEEK-20")
    number = str((await start.ask(plant.client, command)).data["number"])
    await born(plant.client, f"capa/{number}")
    await _to_the_judgement(plant, number)
    await complete(plant, number, "judge", "zhou.shen", "needed", signed=False)
    await complete(plant, number, "plan", "zhou.shen", form=_plan())
    await complete(plant, number, "approve", "chen.pi", "approve")
    more = {"said": "待料", "until": _in_days(20)}
    await complete(plant, number, "do_production", "wang.cao", "extend", signed=False, form=more)
    await complete(plant, number, "extension", "chen.pi", "agree", reason="供方延迟")
    await complete(plant, number, "do_production", "wang.cao", "done", signed=False, form={"said": "已改"})
    await complete(plant, number, "verify", "chen.pi", "back", reason="未见效果", form={"evidence": "抽查仍有毛刺"})
    await _to_the_judgement(plant, number)
    await complete(plant, number, "judge", "zhou.shen", "unneeded", signed=False, reason="停产")
    await complete(plant, number, "waive", "wu.jingli", "agree", reason="同意")
    action = plant.scalar(
        "select workflow_id from process_run where workflow_id like 'capa-action/%' order by id limit 1"
    )
    return {f"capa/{number}": "Capa-withdrawn", str(action): "Capa-action"}


async def _to_the_judgement(plant: Plant, number: str) -> None:
    await complete(plant, number, "contain", "zhou.shen", form={"containment": "已隔离"})
    await complete(plant, number, "investigate", "zhou.shen", form=INVESTIGATED)
