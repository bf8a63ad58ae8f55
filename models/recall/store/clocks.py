"""The legal clocks of a recall in the record: set going by an event, met by another (STANDARDS 2.10, T 58-65).

Each clock keeps everything that it was computed from: later rules change nothing about it.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.calendar import store as deadlines
from models.calendar.rules.deadline import Start
from models.partner import rules
from models.recall.store import duties as recall_duties
from models.recall.tables.recall import Recall, RecallDeadline

CONSIGNEES = text("""
select distinct c.country from recall_lot r join shipment_line n on n.lot_id = r.lot_id
  join shipment h on h.id = n.shipment_id and h.status in ('shipped', 'arrived') join customer c on c.id = h.customer_id
 where r.scope_id = (select s.id from recall_scope s where s.recall_id = :recall order by s.version desc limit 1)
""")
NOWHERE = text("""
select count(distinct c.id) from recall_lot r join shipment_line n on n.lot_id = r.lot_id
  join shipment h on h.id = n.shipment_id and h.status in ('shipped', 'arrived') join customer c on c.id = h.customer_id
 where c.country is null
   and r.scope_id = (select s.id from recall_scope s where s.recall_id = :recall order by s.version desc limit 1)
""")
OWN = text("select country from site order by id limit 1")
OPEN = (Recall.status == "open", Recall.mode == "recall", col(Recall.decided_at).is_not(None))
RUNNING = text("select distinct jurisdiction from recall_deadline where recall_id = :recall")


def markets(session: Session, recall: Recall) -> tuple[str, ...]:
    """The markets of the newest scope: our own, and those of the customers who got some of it."""
    connection = session.connection()
    own = str(connection.execute(OWN).scalar() or "CN")
    return rules.markets(own, connection.execute(CONSIGNEES, {"recall": recall.id}).scalars())


def nowhere(session: Session, recall: Recall) -> int:
    """How many customers of the newest scope have no country: nobody knows whose clocks run for them."""
    return int(session.connection().execute(NOWHERE, {"recall": recall.id}).scalar_one())


def reach(session: Session, recall: Recall, at: datetime, *, decided: bool = True) -> None:
    """Each market that the scope reaches for the first time gets its first clocks; where a scope is decided, others extend.

    Without `decided` nothing is extended: goods that left since the decision only reached somebody new.  A drill sets none
    going: nobody has to report an exercise.
    """
    running = set(session.connection().execute(RUNNING, {"recall": recall.id}).scalars())
    reached = markets(session, recall)
    first = rules.fresh(reached, running)
    for event in (Start.RECALL_DECIDED, Start.RECALL_INITIATED):
        start(session, recall, event, at, first)
    again = tuple(one for one in reached if one in running and decided)
    for event in (Start.RECALL_DECIDED, Start.SCOPE_EXTENDED):
        start(session, recall, event, at, again)


def catch_up(session: Session, now: datetime) -> list[str]:
    """Clocks for markets that became known beside every act: a country told later, goods that an import says had left.

    Asked every few minutes; answers the recalls whose clocks it set going.
    """
    found = []
    for recall_id in session.exec(select(Recall.id).where(*OPEN).order_by(Recall.id)).all():  # type: ignore[arg-type]
        recall = session.get_one(Recall, recall_id)
        running = set(session.connection().execute(RUNNING, {"recall": recall_id}).scalars())
        if not rules.fresh(markets(session, recall), running):
            continue
        recall = session.get_one(Recall, recall_id, with_for_update=True, populate_existing=True)
        if recall.status == "open":
            known = len(running)
            reach(session, recall, now, decided=False)
            running = set(session.connection().execute(RUNNING, {"recall": recall_id}).scalars())
            if len(running) > known:
                recall_duties.changed(session, recall)
                found.append(recall.recall_no)
    return found


def start(session: Session, recall: Recall, event: Start, at: datetime, jurisdictions: Collection[str]) -> None:
    """Set the clocks of an event going in these markets, once for each moment; none for a drill."""
    if recall.mode == "drill":
        return
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
    jurisdictions: Collection[str] = rules.MARKETS,
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
    recall_duties.met(session, recall, met)
    return [row.rule_key for row in met]
