"""Calibrations for the recorder: one that finds its instrument out of tolerance, what it measured decided on and closed, and one that is the last."""

from datetime import UTC, datetime, timedelta

from models.calibration.messages import AskCalibration
from tests.support.plant.plant import Plant
from tests.support.processes.calibrating import DAY, OFF, assessment, form, gather, machine, measured
from tests.support.processes.matter import complete
from tests.support.servers.until import born
from workflows.temporal import start


async def calibrate(plant: Plant) -> dict[str, str]:
    """Its workflows by the names of their histories."""
    number = machine(plant, "CAL-1", 300 * DAY)
    lots = gather(plant, "CALL", 2)
    measured(plant, [(lot, number, 1, datetime.now(UTC) - timedelta(days=1), None) for lot in lots])
    await start.ask(plant.client, AskCalibration(command_id="ask-1", by=plant.by("zhao.liu"), equipment_no=number))
    await born(plant.client, f"calibration/{number}/1")
    await complete(plant, number, "perform", "zhao.liu", "record", form=form(OFF))
    await start.ask(plant.client, AskCalibration(command_id="ask-2", by=plant.by("zhao.liu"), equipment_no=number))
    found = assessment(plant, number)
    await born(plant.client, f"out-of-tolerance/{found}")
    await complete(
        plant,
        found,
        "judge",
        "chen.pi",
        "decide",
        reason="已评估",
        form={"results": [{"numbers": "1", "fate": "no_effect"}]},
    )
    await complete(plant, found, "judge", "chen.pi", "decide", reason="已评估", form={"rest": "reinspect"})
    await complete(plant, found, "close", "wu.jingli", "close", form={"conclusion": "缩短周期"})
    await complete(plant, number, "perform", "zhao.liu", "record", form=form(last=True))
    return {f"calibration/{number}/1": "Calibration-found", f"out-of-tolerance/{found}": "OutOfTolerance-closed"}
