"""The time of the site, and the moments of a run's open stages as its workflow waits for them (DESIGN 6, *Time*)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.calendar import store as deadlines
from models.definition.document import Definition, Stage, StageKind
from models.kernel.store.act import zone
from models.process import engine as process
from models.process.engine import RunState, SiteTime
from models.process.messages.timer import RunAutomatic, Timer
from models.process.state import Deadline
from models.process.time.moments import day_set

BUSINESS = {
    "china": ("Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"),
    "us-federal": (
        "America/New_York", "America/Detroit", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
        "America/Anchorage", "America/Indiana/Indianapolis", "America/Kentucky/Louisville", "America/Boise", "Pacific/Honolulu",
    ),
}  # fmt: skip
"""The business calendar of a site by its zone; in any other zone Monday to Friday are worked."""


def site(session: Session) -> SiteTime:
    """The zone and the business calendar of the site."""
    here = zone(session)
    key = next((one for one, zones in BUSINESS.items() if here in zones), None)
    return SiteTime(ZoneInfo(here), deadlines.shipped().calendar(key))


def moments_of(session: Session, stage: Stage, state: RunState, opened_at: datetime) -> tuple[Deadline, ...]:
    """The moments of an open stage; a day that an answer sets ends at the site."""
    day = day_set(stage, state, site(session)) if stage.sla.by is not None else None
    return process.deadlines(stage, opened_at, day)


def automatic(run_id: int, definition: Definition, state: RunState) -> tuple[RunAutomatic, ...]:
    """The automatic stages that are open."""
    return tuple(
        RunAutomatic(run_id=run_id, stage=one.key, opened_at=one.opened_at)
        for one in state.open
        if definition.stage(one.key).kind is StageKind.ACTION
    )


def timers(definition: Definition, state: RunState, where: SiteTime) -> list[Timer]:
    """The moments that no person's task keeps: escalations of waits, automatic stages and subprocesses, and the ends of waits."""
    return [
        Timer(
            stage=one.key,
            at=moment.at,
            level=moment.level,
            to_role=moment.to_role or "",
            kind="until" if moment.kind == "until" else "stage",
            opened_at=one.opened_at,
            round=one.opened_at,
            daily=moment.kind == "until" and bool(stage.until and stage.until.working),
        )
        for one, moment in process.moments(definition, state, where)
        for stage in (definition.stage(one.key),)
        if not stage.kind.human
    ]
