"""It is decided what becomes of recalled batches in house; a drill decides the same, on paper (ISO 13485 8.3.2, 8.3.3)."""

from datetime import datetime

from sqlmodel import Session

from models.messages.process import DecideLots, Receipt
from models.rules import recall_decide as rules
from models.rules.recall_funnel import ZERO
from models.store import recall_decisions, recall_funnel, recalls


def decide(session: Session, command: DecideLots, now: datetime) -> Receipt:
    """One decision for the batches named, or for all that wait; also after the recall was closed."""
    recall = recalls.get(session, command.recall_no, lock=True)
    rules.check(recall.recall_no, recall.status, held=recall.held_at is not None, reason=command.reason)
    rows = recall_funnel.of(session, recall, recalls.newest_scope(session, recall.id)).rows
    here = {row.lot_no: row.places for row in rows if not row.customer_no and row.places.in_house}
    waiting = [lot_no for lot_no, one in here.items() if one.free or one.held]
    wanted = [lot_no.strip() for lot_no in command.lots if lot_no.strip()]
    lots = {lot_no: here[lot_no].in_house for lot_no in rules.chosen(recall.recall_no, wanted, here, waiting)}
    recall_decisions.keep(
        session,
        recall.id,
        lots,
        kind=command.kind,
        reason=command.reason.strip(),
        reference=(command.reference or "").strip() or None,
        person=command.by.person_id,
        now=now,
    )
    total = sum(lots.values(), ZERO)
    data = {
        "recall_no": recall.recall_no,
        "kind": command.kind,
        "lots": len(lots),
        "quantity": f"{total.normalize():f}",
    }
    return Receipt(act="decide_lots", at=now, data=data)
