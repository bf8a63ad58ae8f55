"""The legal clocks of a recall in the record: set going by an event, met by another (STANDARDS 2.10, T 58-65).

Each clock keeps everything that it was computed from: later rules change nothing about it.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, select

from models.rules.deadline import Start
from models.store import deadlines
from models.tables.recalls import Recall, RecallDeadline

JURISDICTIONS = ("CN", "US", "EU")


def start(
    session: Session, recall: Recall, event: Start, at: datetime, jurisdictions: Collection[str] = JURISDICTIONS
) -> None:
    """Set the clocks of an event going, once for each moment."""
    book = deadlines.shipped()
    known = set(
        session.exec(
            select(RecallDeadline.rule_key).where(RecallDeadline.recall_id == recall.id, RecallDeadline.event_at == at)
        ).all()
    )
    for rule in book.applying(event, at, jurisdictions, recall.recall_class):
        if rule.key in known:
            continue
        clock = book.due(rule.key, at)
        session.add(
            RecallDeadline(
                recall_id=recall.id,
                rule_key=clock.rule_key,
                rule_version=clock.rule_version,
                jurisdiction=clock.jurisdiction,
                clause=clock.clause,
                event=event.value,
                event_at=clock.event_at,
                stop=rule.stop.value,
                due_at=clock.due_at,
                last_day=clock.last_day,
                zone=clock.zone,
                calendar=clock.calendar,
                calendar_version=clock.calendar_version,
                provisional=clock.provisional,
                zh=clock.zh,
                en=clock.en,
            )
        )
    session.flush()


def meet(
    session: Session,
    recall: Recall,
    events: Collection[Start],
    at: datetime,
    jurisdictions: Collection[str] = JURISDICTIONS,
) -> list[str]:
    """The events happened: the clocks that run and that they stop are met, in time or late; answers their rules."""
    stopped = [event.value for event in events]
    rows = session.exec(
        select(RecallDeadline)
        .where(
            RecallDeadline.recall_id == recall.id,
            RecallDeadline.met_at.is_(None),  # type: ignore[union-attr]
            RecallDeadline.event_at <= at,
        )
        .order_by(RecallDeadline.id)  # type: ignore[arg-type]
    ).all()
    met = [row for row in rows if row.stop in stopped and row.jurisdiction in jurisdictions]
    for row in met:
        row.met_at = at
        session.add(row)
    session.flush()
    return [row.rule_key for row in met]
