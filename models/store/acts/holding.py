"""Freeze and unfreeze lots (REQUIREMENTS 5; ISO 13485 8.3.1).  A hold is a row: lifting it leaves it in the record."""

from datetime import datetime

from sqlmodel import Session, select

from models.messages.process import LiftHold, PlaceHold, Receipt
from models.rules.refusals import Kind
from models.store import holds, lots, runs
from models.tables.lots import Hold, Lot

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
    """Lift one hold; when it was the last one, whatever waits for it goes on."""
    if not command.reason.strip():
        raise NO_REASON()
    hold = session.exec(
        select(Hold)
        .where(Hold.public_id == command.hold_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if hold is None:
        raise UNKNOWN()
    if hold.lifted_at is not None:
        raise LIFTED(at=hold.lifted_at.date().isoformat())
    hold.lifted_at, hold.lifted_by_id, hold.lift_reason = now, command.by.person_id, command.reason.strip()
    session.add(hold)
    session.flush()
    lot = session.get_one(Lot, hold.lot_id)
    free = lots.open_hold_reason(session, lot.id) is None
    if free:
        runs.fact(session, lot, "lot.hold_lifted", command.by, now)
        lots.publish(session, lot.id, "lot.hold_lifted", {"lot": lot.lot_no})
    return Receipt(act="lift_hold", at=now, data={"lot": lot.lot_no, "free": free})
