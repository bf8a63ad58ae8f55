"""An emergency change: put on record after it was done, what ran so locked at once, and let go when it is approved (ISO 13485 7.3.9; REQUIREMENTS 46).

`happened_at` is when it was done and `opened_at` when it was recorded; neither stands for the other, and it takes effect with its approval.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.change import rules
from models.change.rules import Planned
from models.change.store import changes, impact, tasks
from models.change.tables import Change
from models.kernel.time.moments import plant_day
from models.lot.store import lots
from models.process.fact import tell as facts
from models.process.messages.process import By


def decide_by(session: Session, happened_at: datetime) -> Any:
    """The day of the plant before whose end it is decided on."""
    return rules.decide_by(plant_day(happened_at, lots.site_zone(session)))


def begin(session: Session, row: Change, by: By, now: datetime) -> int:
    """Lock what ran so, keep what it touches, and begin its process; answers how many batches are locked."""
    changes.alone(session, row)
    impact.keep(session, row, now)
    locked = changes.said_of_many(session, changes.LOCK, row, by, now)
    assert row.decide_by is not None  # noqa: S101 - the table says so
    changes.begin(session, row, by, now, rules.EMERGENCY, {"item.due": row.decide_by.isoformat()})
    return locked


def approve(
    session: Session, row: Change, run: int, by: By, now: datetime, planned: Sequence[Planned] = ()
) -> dict[str, Any]:
    """What was done is approved and in effect from now on; what ran so and nobody has decided on goes on, and everybody gets what is planned for them."""
    if row.status != "open":
        raise rules.NOT_OPEN(number=row.change_no)
    changes.alone(session, row)
    impact.keep(session, row, now)
    row.status, row.approved_at, row.approved_by_id = "approved", now, by.person_id
    row.effective_at, row.effective_by_id = now, by.person_id
    session.add(row)
    session.flush()
    freed = changes.said_of_many(session, changes.FREE, row, by, now)
    given = tasks.give(session, row, planned, by, now)
    told = {"number": row.change_no, "kind": row.kind, "target": row.target, "paused": 0}
    facts.tell(session, row, changes.APPROVED, by, now, told, once=row.change_no, run=run, held=True)
    return {"number": row.change_no, "freed": freed, "tasks": given, "change.undecided": 0}


def refuse(session: Session, row: Change, run: int, by: By, now: datetime) -> dict[str, Any]:
    """It isn't approved: what ran so stays locked until each batch is decided on."""
    done = changes.settle(session, row, run, "refused", by, now)
    return {**done, "change.undecided": len(changes.paused(session, row))}
