"""The moments at which an open stage is looked at by the clock: when somebody is told, and when a wait is over.

Every moment is worked out from the definition, the state of the run and the time of the site, whenever it is asked for, and
kept nowhere: a calendar that changes while something waits moves the moment (DESIGN 6, *Time*).

Working time runs on working days only, all 24 hours of them, on the clock of the site.  So `PT24H` and `P1D` are the same, as in
the canonical form; 8 hours from Friday at 20:00 end on Monday at 04:00; and nothing ever ends on a free day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from models.calendar.rules.working_days import ComputedCalendar, PublishedCalendar
from models.definition.document import Definition, Stage, StageKind
from models.kernel.time.moments import day_begins, local, plant_day
from models.process.state import Deadline, OpenStage, RunState

UTC_ZONE = ZoneInfo("UTC")
ALL_DAY = timedelta(days=1)
LAST = datetime.max.replace(tzinfo=UTC)
"""What lies beyond every calendar comes never."""


@dataclass(frozen=True, slots=True)
class SiteTime:
    """The zone and the business calendar of a site; without a calendar Monday to Friday are worked."""

    zone: ZoneInfo
    calendar: PublishedCalendar | ComputedCalendar | None = None

    def works(self, day: date) -> bool:
        """Whether people work on the day.  One that nobody has published counts as worked, so that nothing comes too late."""
        if self.calendar is None:
            return day.isoweekday() <= 5
        return not self.calendar.known(day) or self.calendar.is_working(day)


UNIVERSAL = SiteTime(UTC_ZONE)
"""Where no site is known."""


def forward(at: datetime, span: timedelta, site: SiteTime) -> datetime:
    """The moment (UTC) when `span` of working time has passed since `at`; never on a free day."""
    day, wall, left = plant_day(at, site.zone), local(at, site.zone).replace(tzinfo=None), span
    try:
        while True:
            after = day + ALL_DAY
            midnight = datetime.combine(after, time())
            if site.works(day):
                if left < midnight - wall:
                    return local((wall + left).replace(tzinfo=site.zone), UTC_ZONE)
                left -= midnight - wall
            day, wall = after, midnight
    except OverflowError:
        return LAST


def moved(at: datetime, span: timedelta, site: SiteTime, *, working: bool) -> datetime:
    """`span` after `at` (UTC), of all time or of working time."""
    if working:
        return forward(at, span, site)
    try:
        return at.astimezone(UTC) + span
    except OverflowError:
        return LAST


def until(stage: Stage, opened_at: datetime, state: RunState, site: SiteTime = UNIVERSAL) -> Deadline | None:
    """When a wait is over by the clock, whatever else it waits for; None where no time ends it.

    A day that was answered, or that an effect has worked out (`item.column`), begins at midnight of the site; one that is missing
    ends nothing.
    """
    if stage.kind is not StageKind.WAIT or stage.until is None:
        return None
    found = []
    if stage.until.after is not None:
        found.append(moved(opened_at, stage.until.after, site, working=stage.until.working))
    if stage.until.date is not None:
        begins = _answered(answered(stage.until.date, state), site)
        if begins is not None:
            found.append(moved(begins, stage.until.offset, site, working=stage.until.working))
    return Deadline(kind="until", at=min(found)) if found else None


def _answered(value: Any, site: SiteTime) -> datetime | None:
    """The instant that an answer names, or the beginning of the day that it names."""
    try:
        if not isinstance(value, str):
            return None
        if len(value) == len("2026-11-21"):
            return local(day_begins(date.fromisoformat(value), site.zone), UTC_ZONE)
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if at.tzinfo is None else local(at, UTC_ZONE)


def answered(answer: str, state: RunState) -> Any:
    """An answer as the run has it: of one of its forms, or of the row that it is for (`item.column`)."""
    key, _, field = answer.partition(".")
    return state.forms.get(key, {}).get(field, state.facts.get(answer) if key == "item" else None)


def day_set(stage: Stage, state: RunState, site: SiteTime = UNIVERSAL) -> datetime | None:
    """When the day that an answer sets for the stage has ended, on the clock of the site; None where none is set."""
    value = answered(stage.sla.by, state) if stage.sla.by is not None else None
    begins = _answered(value, site)
    if begins is None or len(str(value)) > len("2026-11-21"):
        return begins
    return local(day_begins(plant_day(begins, site.zone) + ALL_DAY, site.zone), UTC_ZONE)


def deadlines(stage: Stage, opened_at: datetime, day: datetime | None = None) -> tuple[Deadline, ...]:
    """The moments at which somebody is late or told at an open stage, earliest first.

    `day` is when the day has ended by which the stage is to be done, where it says so (`day_set`).
    """
    sla = stage.sla
    since = opened_at if sla.by is None else day
    moments = [
        Deadline(kind="escalation", at=since + escalation.after, level=level, to_role=escalation.to_role)
        for level, escalation in enumerate(sla.escalations, start=1)
        if since is not None
    ]
    if day is not None:
        moments.append(Deadline(kind="complete", at=day))
    timed: list[tuple[Literal["pick_up", "complete"], timedelta | None]] = [
        ("pick_up", sla.pick_up),
        ("complete", sla.complete),
    ]
    moments += [Deadline(kind=kind, at=opened_at + after) for kind, after in timed if after is not None]
    order = {"pick_up": 0, "complete": 1, "escalation": 2}
    return tuple(sorted(moments, key=lambda moment: (moment.at, order[moment.kind], moment.level)))


def moments(definition: Definition, state: RunState, site: SiteTime) -> tuple[tuple[OpenStage, Deadline], ...]:
    """Every moment that the clock of an open stage still has: escalations that nobody was told of, and the ends of waits."""
    found = [
        (one, moment)
        for one in state.open
        for stage in (definition.stage(one.key),)
        for moment in (
            *deadlines(stage, one.opened_at, day_set(stage, state, site)),
            until(stage, one.opened_at, state, site),
        )
        if moment is not None and (moment.kind == "until" or (moment.kind == "escalation" and moment.level > one.level))
    ]
    # at the same moment the run goes on, and nobody is told of what is no longer late
    return tuple(sorted(found, key=lambda each: (each[1].at, each[1].kind != "until", each[0].key, each[1].level)))
