"""What people do about a breakdown, as tests need it: report it, repair the equipment, take it back into use."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from models.breakdown.messages import ReportBreakdown
from models.equipment.tables import Equipment
from models.kernel.store.act import act
from models.process.messages.process import CompleteTask, Receipt
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes.matter import open_task


def machine(plant: Plant, number: str, kind: str = "machining_centre") -> str:
    """A machine that needs no calibration."""
    with act(plant.engine, SETUP) as session:
        session.add(
            Equipment(
                equipment_no=number, name="加工中心", name_en="Machining centre", kind=kind, needs_calibration=False
            )
        )
    return number


def report(plant: Plant, number: str, *lots: str, login: str = "wang.cao", **more: Any) -> ReportBreakdown:
    """The command that reports it, with the batches under way."""
    given = {"said": "主轴异响, 自动停机", "lot_nos": lots, **more}
    return ReportBreakdown(command_id=str(uuid4()), by=plant.by(login), equipment_no=number, **given)


def broken(plant: Plant, number: str, *lots: str, **more: Any) -> str:
    """It is reported; the number of the breakdown."""
    return str(do(plant.engine, "report_breakdown", report(plant, number, *lots, **more)).data["number"])


def mended(again: str = "none", at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """The form of the repair; done a moment ago."""
    return {
        "found": "主轴轴承损坏",
        "repair_done": "更换轴承并试运行",
        "repairer": "设备厂家",
        "repaired_at": (at or datetime.now(UTC)).isoformat(),
        "again": again,
        **more,
    }


def repaired(plant: Plant, number: str, again: str = "none", login: str = "zhao.liu", **more: Any) -> Receipt:
    """It is repaired."""
    task = open_task(plant, number, "repair")
    command = plant.completion(task, plant.by(login), signed=False, form=mended(again, **more))
    return do(plant.engine, "complete_task", command)


def resumption(
    plant: Plant, number: str, outcome: str = "restore", login: str = "chen.pi", **said: Any
) -> CompleteTask:
    """The command that takes it back into use."""
    task = open_task(plant, number, "resume")
    form = {"checked": "试运行 30 分钟正常", **said}
    reason = None if outcome == "restore" else "无法修复"
    return plant.completion(task, plant.by(login), outcome, form=form, reason=reason)


def resumed(plant: Plant, number: str, outcome: str = "restore", **said: Any) -> Receipt:
    """It is back in use, or out of use for good."""
    return do(plant.engine, "complete_task", resumption(plant, number, outcome, **said))


def ago(**time: float) -> datetime:
    """So long ago."""
    return datetime.now(UTC) - timedelta(**time)
