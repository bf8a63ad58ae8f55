"""Freeze and unfreeze lots (REQUIREMENTS 5; ISO 13485 8.3.1).  A hold is a row: lifting it leaves it in the record."""

from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.messages.process import LiftHold, PlaceHold, Receipt
from models.rules import moments
from models.rules.refusals import Kind
from models.rules.signed_act import LIFT_HOLD
from models.store import holds, lots, runs, signed_acts, signing
from models.store.signed_acts import Given, Shown
from models.tables.items import Item
from models.tables.lots import Hold, Lot
from models.tables.people import Person

NO_REASON = Kind(
    "HLD-001", "21 CFR 11.10(e)", "冻结或解冻必须写明理由。", "A hold needs a reason, and so does lifting it.", 422
)
NOTHING = Kind("HLD-002", "DESIGN 5", "请至少选择一个批次。", "Name at least one batch.", 422)
UNKNOWN = Kind("HLD-003", "DESIGN 2.5", "找不到该冻结记录。", "There is no such hold.", 404)
LIFTED = Kind("HLD-004", "DESIGN 6", "该冻结已于 {at} 解除。", "That hold was lifted on {at}.")


def place(session: Session, command: PlaceHold, now: datetime) -> Receipt:
    """Put one hold on each lot, all or none."""
    if not command.reason.strip():
        raise NO_REASON()
    if not command.lot_nos:
        raise NOTHING()
    locked = lots.lock(session, command.lot_nos)
    held = holds.place(
        session,
        [lot.id for lot in locked.values()],
        reason=command.reason.strip(),
        cause=command.cause,
        person_id=command.by.person_id,
        now=now,
    ).holds
    placed = [held[lot.id] for lot in locked.values()]
    return Receipt(act="place_hold", at=now, data={"lots": sorted(locked), "holds": placed})


def lift(session: Session, command: LiftHold, now: datetime) -> Receipt:
    """Lift one hold, signed; when it was the last one, whatever waits for it goes on.

    The lot is locked before its hold: of two people who lift its last two holds at once, the second finds it free.
    """
    if not command.reason.strip():
        raise NO_REASON()
    lot = lots.lock_by_key(session, _of(session, command.hold_id).lot_id)
    hold = _of(session, command.hold_id, lock=True)
    check_lift(hold, lots.site_zone(session))
    given = Given(command.attempt_id, command.digest, command.meaning, command.reason)
    signature = signed_acts.sign(session, shown(session, hold, lot), command.by, given, "lift", now)
    hold.lifted_at, hold.lifted_by_id, hold.lift_reason = now, command.by.person_id, command.reason.strip()
    hold.lift_signature_id = signature.id
    session.add(hold)
    session.flush()
    free = lots.open_hold_reason(session, lot.id) is None
    if free:
        runs.fact(session, lot, "lot.hold_lifted", command.by, now)
        lots.publish(session, lot.id, "lot.hold_lifted", {"lot": lot.lot_no})
    data = {"lot": lot.lot_no, "free": free, "signature": str(signature.public_id), "digest": signature.digest}
    return Receipt(act="lift_hold", at=now, data=data)


def preview(session: Session, hold_id: UUID) -> Shown:
    """What the signature that lifts this hold is over; refuses what the act would refuse."""
    hold = _of(session, hold_id)
    check_lift(hold, lots.site_zone(session))
    return shown(session, hold, session.get_one(Lot, hold.lot_id))


def open_on(session: Session, lot: Lot) -> dict[UUID, Shown]:
    """What lifting each open hold of a batch would be signed on."""
    rows = session.exec(select(Hold).where(Hold.lot_id == lot.id, col(Hold.lifted_at).is_(None))).all()
    return {hold.public_id: shown(session, hold, lot) for hold in rows}


def shown(session: Session, hold: Hold, lot: Lot) -> Shown:
    """The record that lifting a hold is signed on: which batch is held, why, by whom and since when."""
    placed_by = session.get_one(Person, hold.placed_by_id)
    item = session.get_one(Item, lot.item_id)
    record = {
        "record": "hold_lift",
        "hold": str(hold.public_id),
        "lot_no": lot.lot_no,
        "item_no": item.item_no,
        "item": item.name,
        "quantity": f"{lot.quantity.normalize():f}",
        "uom": lot.uom,
        "status": lot.status,
        "reason": hold.reason,
        "cause": hold.cause,
        "placed_by": placed_by.name,
        "placed_at": hold.placed_at.astimezone(UTC).isoformat(),
    }
    return Shown(LIFT_HOLD, str(hold.public_id), signing.canonical(record), lot.id)


def check_lift(hold: Hold, zone: str) -> None:
    """Refuse a hold that was lifted already."""
    if hold.lifted_at is not None:
        raise LIFTED(at=moments.day(hold.lifted_at, zone))


def _of(session: Session, hold_id: UUID, *, lock: bool = False) -> Hold:
    query = select(Hold).where(Hold.public_id == hold_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    hold = session.exec(query).first()
    if hold is None:
        raise UNKNOWN()
    return hold
