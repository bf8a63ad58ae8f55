"""What a recall does to the world: it freezes and moves stock and tells customers.  The only module that asks whether it is a drill.

A drill computes, signs, times and scores by the same code; here its effects end (DESIGN 2.9, REQUIREMENTS 81).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session

from models.hold.store import holds
from models.lot.rules.lot import allocate
from models.lot.store import lots, open_holds
from models.lot.tables import Lot
from models.notice.store import deliveries
from models.pull import store as pulls
from models.recall.rules import recall as recall_rules
from models.recall.store import recalls
from models.recall.tables.recall import Recall, RecallScope
from models.shipment.tables import ShipmentLine
from models.stock.rules import check_leaving
from models.stock.store import serials, stock

PRETEND = text("""
update recall_notice set status = 'sent', sent_at = :now where id = any(cast(:ids as bigint[])) and status = 'open'
""")
TOLD = text("""
select count(*) from recall_notice where recall_id = :recall and (sent_at is not null or acknowledged_at is not null)
""")
PUBLISH = text("insert into outbox (fact, payload) values (:fact, :payload)").bindparams(
    bindparam("payload", type_=JSONB)
)

ZERO = Decimal(0)


def scoped(
    session: Session, recall: Recall, identifiers: Collection[str], person_id: int, now: datetime
) -> RecallScope:
    """The next version of a scope; all of it is frozen at once as a precaution that the approval confirms or releases.

    The lots are locked before the scope is computed: a shipment under way commits first and stands in the scope with its
    customer, or waits and finds the hold.  A drill computes the same and freezes nothing.
    """
    known = recalls.known(session, recall)
    start = recalls.named(session, identifiers, known)
    if _drill(recall):
        return recalls.compute(session, recall, start, now)
    locked = holds.with_parts(session, start.lots)
    while more := (start := recalls.named(session, identifiers, known)).lots - locked:
        # more of a supplier's lot arrived in that moment
        locked |= holds.with_parts(session, more)
    scope = recalls.compute(session, recall, start, now)
    while more := frozenset(recalls.lot_ids(session, scope)) - locked:
        # made of them in the moment before they were locked: the next version has what became of these too
        locked |= holds.with_parts(session, more)
        scope = recalls.compute(session, recall, start, now)
    _place(session, recall, recalls.lot_ids(session, scope), "containment", person_id, now)
    return scope


def contain(session: Session, recall: Recall, scope: RecallScope, person_id: int, now: datetime) -> None:
    """Freeze what of a scope isn't frozen yet before it is signed: a recall of before openings froze anything has all of it."""
    if not _drill(recall):
        inside = _inside(session, recall, recalls.lot_ids(session, scope), now)
        _place(session, recall, inside, "containment", person_id, now)


def approve(
    session: Session, recall: Recall, scope: RecallScope, person_id: int, now: datetime
) -> tuple[int, frozenset[int]]:
    """The scope is signed: its precaution is the recall's own hold from now on, and what it leaves out is let go.

    Answers how many lots were let go, and those of them that nobody holds any more.
    """
    if _drill(recall):
        return 0, frozenset()
    inside = _inside(session, recall, recalls.lot_ids(session, scope), now)
    holds.confirm(session, recall.id, inside, now)
    reason = f"{recall.recall_no} v{scope.version}"
    left = holds.release_outside(
        session, recall.id, inside, reason=reason, person_id=person_id, before=scope.computed_at, now=now
    )
    return len(left), left - holds.still_held(session, left)


def hold(session: Session, recall: Recall, scope: RecallScope, person_id: int, now: datetime) -> frozenset[int]:
    """Freeze the lots of a scope; answers those of them that this froze (all of them in a drill, which freezes none).

    What was frozen when the scope was computed and is confirmed since the last time counts as frozen by this.  A scope
    that isn't signed yet is frozen as a precaution.
    """
    lot_ids = frozenset(recalls.lot_ids(session, scope))
    if _drill(recall):
        return lot_ids
    cause = "recall" if scope.signed_at else "containment"
    placed = _place(session, recall, _inside(session, recall, lot_ids, now), cause, person_id, now)
    last = (recall.hold_report or {}).get("at")
    since = datetime.fromisoformat(last) if last else recall.opened_at
    return (placed | holds.confirmed(session, recall.id, since)) & lot_ids


def _inside(session: Session, recall: Recall, lot_ids: Collection[int], now: datetime) -> frozenset[int]:
    """The lots of a scope and what has been split off or made of them since it was computed, locked."""
    return holds.with_parts(session, lot_ids, recalls.computed_at(session, recall.id, now))


def _place(
    session: Session, recall: Recall, lot_ids: Collection[int], cause: str, person_id: int, now: datetime
) -> frozenset[int]:
    placed = holds.place(
        session,
        lot_ids,
        reason=f"{recall.recall_no} {recall.title}",
        cause=cause,
        person_id=person_id,
        now=now,
        recall_id=recall.id,
    )
    return frozenset(placed.holds)


def let_go(session: Session, recall: Recall, reason: str, person_id: int, now: datetime) -> frozenset[int]:
    """Lift what this recall froze; what others froze stays frozen.  Answers the lots that nobody holds any more."""
    if _drill(recall):
        return frozenset()
    lifted = holds.lift_all(session, recall.id, reason=reason, person_id=person_id, now=now)
    return lifted - holds.still_held(session, lifted)


def carry(
    session: Session,
    recall: Recall,
    place: str,
    to: str,
    lines: Collection[tuple[str, Decimal]],
    reason: str,
    person_id: int,
) -> None:
    """Book goods that were brought from one place to another; never more than the books have there."""
    if not _drill(recall):
        pulls.carry(session, place, to, lines, reason, person_id)


def tell(session: Session, recall: Recall, notice_ids: Collection[int], now: datetime, *, kind: str) -> None:
    """Send notices on their way (`first`, `reminder`); a drill's stand as sent, and nothing leaves."""
    if _drill(recall):
        session.connection().execute(PRETEND, {"ids": sorted(notice_ids), "now": now})
    else:
        deliveries.ask(session, sorted(notice_ids), kind)


def told(session: Session, recall: Recall) -> int:
    """How many letters have reached somebody outside, by mail, by post or by telephone; none of a drill has."""
    if _drill(recall):
        return 0
    return int(session.connection().execute(TOLD, {"recall": recall.id}).scalar_one())


def publish(session: Session, recall: Recall, fact: str) -> None:
    """Hand a fact about the recall to the dispatcher."""
    if not _drill(recall):
        session.connection().execute(PUBLISH, {"fact": fact, "payload": {"recall": recall.recall_no}})


def bring_back(
    session: Session,
    recall: Recall,
    lot: Lot,
    taken: Collection[tuple[int, Decimal]],
    location_id: int,
    person_id: int,
    customer: str,
) -> bool:
    """Put returned goods where they lie now, line by line; answers whether stock was moved (a drill moves none).

    What comes back into a lot that nobody holds would count as good stock, so that is refused.
    """
    if _drill(recall):
        return False
    if open_holds.open_hold_reason(session, lot.id) is None:
        raise recall_rules.FREE(lot=lot.lot_no)
    for line_id, quantity in taken:
        line = session.get_one(ShipmentLine, line_id, populate_existing=True)
        line.returned += quantity
        session.add(line)
        session.flush()
        stock.bring_line(session, lot, quantity, location_id, line_id, recall.recall_no)
    came = sum((quantity for _, quantity in taken), Decimal(0))
    data = {"recall": recall.recall_no, "customer": customer, "quantity": f"{came.normalize():f}"}
    lots.note(session, lot.id, "lot.returned", person_id, data)
    return True


def scrap(
    session: Session,
    recall: Recall,
    lot: Lot,
    quantity: Decimal,
    location: str,
    person_id: int,
    named: Sequence[str] = (),
) -> None:
    """Returned goods leave stock for good, with their serial numbers; only what was brought back can."""
    check_leaving(serials.numbered(session, lot), quantity, named, lost=True)
    picks = allocate(lots.facts(session, lot), quantity, stock.places(session, lot.id), location)
    serials.leave(session, lot, stock.take(session, lot, "scrap", picks, reason=recall.recall_no), named)
    data = {"recall": recall.recall_no, "quantity": f"{quantity.normalize():f}"}
    lots.note(session, lot.id, "lot.scrapped", person_id, data)


def _drill(recall: Recall) -> bool:
    return recall.mode == "drill"
