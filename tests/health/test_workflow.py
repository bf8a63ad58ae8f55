"""The trace health check by its Schedule and by hand, on the real server: once each, kept with its history (REQ 26)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from temporalio.client import ScheduleHandle

from models.drill.messages import CheckTrace
from models.health import queries as queries_health
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from tests.support.house.proves import proves
from tests.support.plant.plant import Plant
from tests.support.servers.database import past_walls
from tests.support.servers.until import until
from workflows.background import schedules
from workflows.background.trace_health import TraceHealth
from workflows.temporal import start
from workflows.temporal.queues import QUALITY

RUNS = "select count(*) from trace_health_run where cause = :cause"


@proves("R26")
async def test_every_night_and_now_the_whole_plant_is_judged(plant: Plant) -> None:
    with reading(plant.engine) as session, pytest.raises(Refusal, match="TRC-030"):
        queries_health.newest(session)
    await plant.material("R-1", 100)
    await plant.make("H-1", "R-1", 50)
    await schedules.ensure_trace_health(plant.client, "Asia/Shanghai")
    await schedules.ensure_trace_health(plant.client, "Asia/Shanghai")  # a second worker changes nothing
    schedule: ScheduleHandle = plant.client.get_schedule_handle("trace-health")
    try:
        described = await schedule.describe()
        assert described.schedule.spec.time_zone_name == "Asia/Shanghai"
        nights = [one.astimezone(UTC).strftime("%H:%M") for one in described.info.next_action_times[:3]]
        assert set(nights) == {"18:30"}, "half past two in Shanghai"
        await schedule.trigger()
        await until(lambda: plant.scalar(RUNS, cause="schedule"))
    finally:
        await schedule.delete()
    with reading(plant.engine) as session:
        first = queries_health.newest(session)
        assert (first.check.score, first.check.findings, first.check.lots) == (100, 0, 2)
        assert {one.family for one in first.families} == {"raw", "finished"}
    with past_walls(plant.engine) as connection:
        connection.execute(text("update lot set supplier_lot_no = null where lot_no = 'R-1'"))
    asked = CheckTrace(command_id="by-hand", by=plant.by("sun.zhao"), cause="manual")
    await start.check_trace(plant.client, asked)
    await until(lambda: plant.scalar(RUNS, cause="manual"))
    with reading(plant.engine) as session:
        found = queries_health.newest(session)
        raw = next(one for one in found.families if one.family == "raw")
        assert (raw.score, raw.before, raw.gap, raw.codes) == (0, 100, 1, {"TRC-103": 1})
        assert (found.check.score, found.check.appeared, found.check.asked_by) == (50, 1, "孙召")
        assert [one.id for one in found.history][1:] == [first.check.id], "history is kept"
        (standing,) = queries_health.findings(session).items
        assert (standing.lot_no, standing.code, standing.since) == ("R-1", "TRC-103", found.check.at)
        assert queries_health.findings(session, code="TRC-101").items == ()
        assert len(queries_health.findings(session, family="raw").items) == 1
    with past_walls(plant.engine) as connection:
        connection.execute(text("update lot set supplier_lot_no = 'P88' where lot_no = 'R-1'"))
    done = await plant.client.execute_workflow(TraceHealth.run, id="trace-health/again", task_queue=QUALITY)
    assert done.data == {"score": 100, "lots": 2, "edges": 1, "findings": 0, "appeared": 0, "cleared": 1}
    since = plant.scalar("select r.at from trace_finding t join trace_health_run r on r.id = t.cleared_run_id")
    assert datetime.now(UTC) - since < timedelta(minutes=5), "what is gone stays in the history"
