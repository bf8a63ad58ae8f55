"""The Schedules: made by the first worker that starts, and left as their operator has changed them (DESIGN 6a)."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import Priority

from models.drill.rules import calendar as drill_calendar
from models.process.messages.commands import ACTS
from models.process.messages.followers import BACKGROUND
from workflows.background.drill_plan import DrillPlan
from workflows.background.trace_health import TraceHealth
from workflows.background.upkeep import Upkeep
from workflows.temporal.queues import QUALITY

DRILL_CATCH_UP = timedelta(days=14)
RECONCILED = timedelta(minutes=10)
LAST = Priority(priority_key=BACKGROUND)
NIGHT = timedelta(hours=12)
"""How far what is done by night catches up: into the next evening."""


async def ensure_all(client: Client, zone: str) -> None:
    """Make what isn't there."""
    await ensure_drills(client, zone)
    await ensure_trace_health(client, zone)
    await ensure_reconciling(client)
    await ensure_tidying(client, zone)


async def ensure_drills(client: Client, zone: str) -> None:
    """A drill every quarter, by surprise within two weeks; one who pauses or changes the Schedule keeps it that way."""
    quarterly = ScheduleCalendarSpec(
        month=[ScheduleRange(month) for month in drill_calendar.MONTHS],
        day_of_month=[ScheduleRange(drill_calendar.DAY)],
        hour=[ScheduleRange(drill_calendar.HOUR)],
        comment="每季度 quarterly",
    )
    await _ensure(
        client,
        "recall-drills",
        Schedule(
            action=ScheduleActionStartWorkflow(
                DrillPlan.run,
                id="drill-plan",
                task_queue=QUALITY,
                static_summary=ACTS["plan_drill"].title,
                priority=LAST,
            ),
            spec=ScheduleSpec(calendars=[quarterly], jitter=drill_calendar.SURPRISE, time_zone_name=zone),
            # a drill that fell into a shut-down is held after it; quarters that were missed are not made up for
            policy=SchedulePolicy(catchup_window=DRILL_CATCH_UP),
        ),
    )


async def ensure_trace_health(client: Client, zone: str) -> None:
    """The trace health check every night at half past two; one who pauses or changes the Schedule keeps it that way."""
    await _ensure(
        client,
        "trace-health",
        Schedule(
            action=ScheduleActionStartWorkflow(
                TraceHealth.run,
                id="trace-health",
                task_queue=QUALITY,
                static_summary="追溯体检 trace health check",
                priority=LAST,
            ),
            spec=_nightly(2, 30, zone),
            # nights that were missed are not made up for: one check tells of now
            policy=SchedulePolicy(catchup_window=NIGHT),
        ),
    )


async def ensure_reconciling(client: Client) -> None:
    """The record and the server are compared every ten minutes."""
    await _ensure(
        client,
        "reconcile",
        Schedule(
            action=ScheduleActionStartWorkflow(
                Upkeep.run,
                "reconcile",
                id="reconcile",
                task_queue=QUALITY,
                static_summary="核对流程 reconcile",
                priority=LAST,
            ),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=RECONCILED)]),
            policy=SchedulePolicy(catchup_window=RECONCILED),
        ),
    )


async def ensure_tidying(client: Client, zone: str) -> None:
    """Bookkeeping that nobody can ask for any more goes, every night at half past three."""
    await _ensure(
        client,
        "tidy",
        Schedule(
            action=ScheduleActionStartWorkflow(
                Upkeep.run,
                "tidy",
                id="tidy",
                task_queue=QUALITY,
                static_summary="清理簿记 tidy",
                priority=LAST,
            ),
            spec=_nightly(3, 30, zone),
            # what one night leaves, the next one takes
            policy=SchedulePolicy(catchup_window=NIGHT),
        ),
    )


def _nightly(hour: int, minute: int, zone: str) -> ScheduleSpec:
    night = ScheduleCalendarSpec(hour=[ScheduleRange(hour)], minute=[ScheduleRange(minute)], comment="每夜 nightly")
    return ScheduleSpec(calendars=[night], time_zone_name=zone)


async def _ensure(client: Client, name: str, schedule: Schedule) -> None:
    """Make the Schedule; of one that is there, only how far it catches up is set, the rest is its operator's."""
    try:
        await client.create_schedule(name, schedule)
    except ScheduleAlreadyRunningError:
        wanted = schedule.policy.catchup_window or timedelta(days=1)
        handle = client.get_schedule_handle(name)
        if (await handle.describe()).schedule.policy.catchup_window != wanted:
            await handle.update(lambda found: _catching_up(found, wanted))


def _catching_up(found: ScheduleUpdateInput, window: timedelta) -> ScheduleUpdate:
    schedule = found.description.schedule
    schedule.policy.catchup_window = window
    return ScheduleUpdate(schedule=schedule)
