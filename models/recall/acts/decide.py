"""It is decided what becomes of recalled batches in house; a drill decides the same, on paper (ISO 13485 8.3.2, 8.3.3).

Scrapping them is signed (21 CFR 11.50), over the very batches and quantities that were shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from models.process.messages.process import Receipt
from models.process.sign.signed_act import SignedAct
from models.process.store import signed_acts, signing
from models.process.store.signed_acts import Given, Shown
from models.recall.messages.begin import DecideLots
from models.recall.rules import decide as rules
from models.recall.rules.funnel import ZERO
from models.recall.store import decisions as recall_decisions
from models.recall.store import funnel as recall_funnel
from models.recall.store import recalls
from models.recall.tables.recall import Recall

SCRAP_LOTS = SignedAct(
    "decide_lots", "approved", "本人批准报废这些召回批次", "I approve that these recalled batches are scrapped"
)


def decide(session: Session, command: DecideLots, now: datetime) -> Receipt:
    """One decision for the batches named, or for all that wait; also after the recall was closed."""
    recall = recalls.get(session, command.recall_no, lock=True)
    rules.check(recall.recall_no, recall.status, held=recall.held_at is not None, reason=command.reason)
    lots = _chosen(session, recall, command.lots)
    signature = None
    if command.kind == "scrap":
        given = Given(command.attempt_id, command.digest, command.meaning, command.reason)
        signature = signed_acts.sign(session, _scrapping(session, recall, lots), command.by, given, "scrap", now)
    recall_decisions.keep(
        session,
        recall.id,
        lots,
        kind=command.kind,
        reason=command.reason.strip(),
        reference=(command.reference or "").strip() or None,
        signature=signature.id if signature is not None else None,
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


def preview(session: Session, recall_no: str, lots: Sequence[str] = ()) -> Shown:
    """What scrapping these batches, or all that wait, is signed on; refuses what the act would refuse."""
    recall = recalls.get(session, recall_no)
    rules.check_may(recall.recall_no, recall.status, held=recall.held_at is not None)
    return _scrapping(session, recall, _chosen(session, recall, lots))


def _chosen(session: Session, recall: Recall, lots: Sequence[str]) -> Mapping[str, Decimal]:
    """The batches that a decision is about, with what is in house of each."""
    rows = recall_funnel.of(session, recall, recalls.newest_scope(session, recall.id)).rows
    here = {row.lot_no: row.places for row in rows if not row.customer_no and row.places.in_house}
    waiting = [lot_no for lot_no, one in here.items() if one.free or one.held]
    wanted = [lot_no.strip() for lot_no in lots if lot_no.strip()]
    return {lot_no: here[lot_no].in_house for lot_no in rules.chosen(recall.recall_no, wanted, here, waiting)}


def _scrapping(session: Session, recall: Recall, lots: Mapping[str, Decimal]) -> Shown:
    """The record that scrapping is signed on: of which recall, which batches, how much of each, and where it lies."""
    units = recall_decisions.units(session, lots)
    record = {
        "record": "lots_scrap",
        "recall": recall.recall_no,
        "mode": recall.mode,
        "lots": [
            {"lot_no": lot_no, "quantity": f"{quantity.normalize():f}", "uom": units[lot_no]}
            for lot_no, quantity in sorted(lots.items())
        ],
        "places": recall_decisions.places(session, lots),
    }
    return Shown(SCRAP_LOTS, recall.recall_no, signing.canonical(record))


ACTS = {"decide_lots": decide}
