"""What the calendar of drills is made of: every drill, and since when the plant has had them (REQUIREMENTS 81)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from models.drill.rules.calendar import Held

DRILLS = text("""
select c.recall_no, c.opened_at, c.status, c.cause = 'schedule' as scheduled, c.title, c.reason, c.closed_at,
       coalesce(said(p.name, p.name_en), 'Batchwright') as opened_by, (c.score ->> 'points')::int as points,
       (c.score ->> 'seconds_to_scope')::numeric as seconds_to_scope
  from recall c left join person p on p.id = c.opened_by_id where c.mode = 'drill' order by c.id
""")
SINCE = text("select coalesce(min(created_at), now()) from definition_version where key = 'recall'")


@dataclass(frozen=True, kw_only=True, slots=True)
class Drill:
    """A drill as the calendar shows it; `reason` says how it was drawn."""

    recall_no: str
    opened_at: datetime
    status: str
    scheduled: bool
    title: str
    reason: str
    closed_at: datetime | None
    opened_by: str
    points: int | None
    seconds_to_scope: float | None

    @property
    def held(self) -> Held:
        """What the calendar needs to know of it."""
        return Held(self.recall_no, self.opened_at, self.status, self.scheduled)


def drills(session: Session) -> tuple[Drill, ...]:
    """All drills, oldest first: a handful a year."""
    return tuple(Drill(**row) for row in session.connection().execute(DRILLS).mappings())


def since(session: Session) -> datetime:
    """Since when drills can be held here."""
    began: datetime = session.connection().execute(SINCE).scalar_one()
    return began
