"""The record's clock as an operator sees it, and a jump that is accepted (21 CFR 11.10(e); models/rules/clock.py)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from models.rules import clock, moments
from models.tables.evidence import ClockJump

NOW = text("select clock_timestamp() as now, last_recorded() as last, (select max(id) from audit_event) as event")


@dataclass(frozen=True)
class Reading:
    """The clock's time, until when the record is written, and its last event's number."""

    now: datetime
    last: datetime | None
    event: int | None

    @property
    def behind(self) -> bool:
        """Whether nothing is recorded because of it."""
        return clock.behind(self.now, self.last)


def read(session: Session) -> Reading:
    """Both times."""
    row = session.connection().execute(NOW).one()
    return Reading(row.now, row.last, row.event)


def accept(session: Session, reason: str) -> ClockJump:
    """Go on at the clock's present time although the record is ahead of it; refused (API-507) where it isn't."""
    seen = read(session)
    if not seen.behind or seen.last is None or seen.event is None:
        raise clock.RIGHT(now=moments.wire(seen.now))
    if not reason.strip():
        raise clock.WHY()
    jump = ClockJump(last_at=seen.last, last_event_id=seen.event, reason=reason.strip())
    session.add(jump)
    session.flush()
    return jump
