"""Freeze and unfreeze lots (REQUIREMENTS 5; ISO 13485 8.3.1).  A hold is a row: lifting it leaves it in the record."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.hold import rules
from models.hold.messages import DecideAgain, LiftHold, LiftHoldAct, LiftHoldPart, PlaceHold
from models.hold.rules import UNKNOWN
from models.hold.store import holds, parts, placing, reach
from models.hold.tables import Hold, HoldAct
from models.item.tables import Item
from models.kernel.refusal import Kind, Refusal
from models.kernel.time import moments
from models.kernel.units.quantity import plain
from models.lot.rules import open_hold as lot_open_hold
from models.lot.rules.open_hold import HoldKind, OpenHold
from models.lot.store import lots, open_holds
from models.lot.tables import Lot
from models.person.rules.auth import forbidden
from models.person.rules.roles import Permission
from models.person.store import roles
from models.person.tables import Person
from models.process.fact import tell as facts
from models.process.messages.process import Receipt
from models.process.sign.sign import check_other_person
from models.process.sign.signed_act import SignedAct
from models.process.store import runs, signed_acts, signing
from models.process.store.signed_acts import Given, Shown
from models.process.tables.signature import Signature
from models.pull import store as pulls
from models.stock.rules import check_part
from models.stock.store import parts as stock_parts
from models.stock.store.parts import HeldPart

LIFT_HOLD = SignedAct("lift_hold", "approved", "本人批准解除此冻结", "I approve lifting this hold")
LIFT_HOLD_ACT = SignedAct(
    "lift_hold_act",
    "approved",
    "本人批准解除此次冻结的全部批次",
    "I approve lifting all that this act of holding holds",
)
LIFT_HOLD_PART = SignedAct(
    "lift_hold_part", "approved", "本人批准解除此数量的冻结", "I approve lifting the hold of this quantity"
)

NO_REASON = Kind(
    "HLD-001", "21 CFR 11.10(e)", "冻结或解冻必须写明理由。", "A hold needs a reason, and so does lifting it.", 422
)
NOTHING = Kind("HLD-002", "DESIGN 5", "请至少选择一个批次。", "Name at least one batch.", 422)
PROPOSED = "propose_lift"
RECALL_NO = text("select recall_no from recall where id = :recall")
LIFTED = Kind("HLD-004", "DESIGN 6", "该冻结已于 {at} 解除。", "That hold was lifted on {at}.")


def place(session: Session, command: PlaceHold, now: datetime) -> Receipt:
    """Put one hold on each lot, and as far as the act reaches on everything made of it, all or none; who is sent for it is sent."""
    if not command.reason.strip():
        raise NO_REASON()
    if not command.lot_nos:
        raise NOTHING()
    rules.check_placed_by_a_person(command.cause)
    rules.check_reach(command.scope, len(set(command.lot_nos)), command.location, command.quantity)
    locked = lots.lock(session, command.lot_nos)
    if command.location is not None and command.quantity is not None:
        return _place_part(session, locked[command.lot_nos[0]], command, command.location, command.quantity, now)
    placed = placing.place(
        session,
        locked.values(),
        command.scope,
        reason=command.reason.strip(),
        by=command.by,
        now=now,
        cause=command.cause,
    )
    data = {
        "lots": sorted(locked),
        "holds": [placed.holds[lot.id] for lot in locked.values()],
        "hold_act": str(placed.act.public_id),
        "held": placed.act.lots,
        "beyond": len(placed.act.beyond),
        "to_pull": placed.to_pull,
    }
    return Receipt(act="place_hold", at=now, data=data)


def _place_part(
    session: Session, lot: Lot, command: PlaceHold, where: str, quantity: Decimal, now: datetime
) -> Receipt:
    """So much of a batch at one place; the rest of it goes on."""
    reason = command.reason.strip()
    act, part, sent = parts.place(session, lot, where, quantity, uom=command.uom, reason=reason, by=command.by, now=now)
    data = {
        "lots": [lot.lot_no],
        "holds": [],
        "part": str(part.public_id),
        "uom": lot.uom,
        "hold_act": str(act.public_id),
        "held": 1,
        "beyond": 0,
        "broken": len(act.broken),
        "to_pull": sent,
    }
    return Receipt(act="place_hold", at=now, data=data)


def lift_part(session: Session, command: LiftHoldPart, now: datetime) -> Receipt:
    """Lift what is held of a batch at a place, or so much of it, signed; the batch's lock decides who of two lifts it."""
    reason = command.reason.strip()
    if not reason:
        raise NO_REASON()
    lot = lots.lock_by_key(session, parts.lot_of(session, command.part))
    seen, part, quantity = _part(session, lot, command.part, command.quantity, command.by.person_id)
    given = Given(command.attempt_id, command.digest, command.meaning, command.reason)
    signature = signed_acts.sign(session, seen, command.by, given, "lift", now)
    parts.lift(
        session,
        lot,
        part,
        quantity,
        person_id=command.by.person_id,
        reason=reason,
        signature_id=signature.id,
        now=now,
    )
    data = {"lot": lot.lot_no, "lifted": plain(quantity), "left": plain(part.quantity - quantity), "uom": lot.uom}
    data["hold_act"] = str(parts.one(session, command.part).hold_act)
    signed = {"signature": str(signature.public_id), "digest": signature.digest}
    return Receipt(act="lift_hold_part", at=now, data=data | signed)


def preview_part(session: Session, part: UUID, quantity: Decimal | None, person_id: int) -> Shown:
    """What the signature that lifts so much of a part is over; refuses what lifting it would refuse."""
    lot = session.get_one(Lot, parts.lot_of(session, part))
    return _part(session, lot, part, quantity, person_id)[0]


def _part(
    session: Session, lot: Lot, part: UUID, quantity: Decimal | None, person_id: int
) -> tuple[Shown, HeldPart, Decimal]:
    """The record of which batch how much is held where, why, and how much of it is let go of."""
    check_lift_act(session, person_id)
    held = stock_parts.get(session, lot, part)
    lifting = held.quantity if quantity is None else quantity
    check_part(lot.lot_no, lot.uom, held.location, lifting, held.quantity)
    lots.check_whole(session, lot, lifting)
    row = session.get_one(HoldAct, held.act_id)
    record = {
        "record": "hold_part_lift",
        "part": str(held.public_id),
        "hold_act": str(row.public_id),
        "lot_no": lot.lot_no,
        "location": held.location,
        "held": plain(held.quantity),
        "lift": plain(lifting),
        "uom": lot.uom,
        "reason": row.reason,
        "placed_by": session.get_one(Person, row.placed_by_id).name,
        "placed_at": row.placed_at.astimezone(UTC).isoformat(),
    }
    return Shown(LIFT_HOLD_PART, str(held.public_id), signing.canonical(record), lot.id), held, lifting


def lift(session: Session, command: LiftHold, now: datetime) -> Receipt:
    """Lift one hold, signed; when it was the last one, whatever waits for it goes on.

    The lot is locked before its hold: of two people who lift its last two holds at once, the second finds it free.  A
    recall's hold is opened by the second of two people who sign on the same record; the first one proposes it.
    """
    if not command.reason.strip():
        raise NO_REASON()
    lot = lots.lock_by_key(session, _of(session, command.hold_id).lot_id)
    hold = _of(session, command.hold_id, lock=True)
    check_lift(session, hold, lot, command.by.person_id)
    seen = shown(session, hold, lot)
    lifted = kind(hold) is not HoldKind.RECALL or _proposed(session, hold, lot, seen, command)
    given = Given(command.attempt_id, command.digest, command.meaning, command.reason)
    signature = signed_acts.sign(session, seen, command.by, given, "lift" if lifted else PROPOSED, now)
    data = {"lot": lot.lot_no, "signature": str(signature.public_id), "digest": signature.digest, "lifted": lifted}
    if not lifted:
        told = {"reason": command.reason.strip(), "recall": _recall_no(session, hold) or ""}
        lots.note(session, lot.id, "lot.lift_proposed", command.by.person_id, told)
        return Receipt(act="lift_hold", at=now, data=data | {"free": False})
    hold.lifted_at, hold.lifted_by_id, hold.lift_reason = now, command.by.person_id, command.reason.strip()
    hold.lift_signature_id = signature.id
    session.add(hold)
    session.flush()
    if hold.act_id is not None and not reach.holding(session, hold.act_id):
        pulls.cancel_held(session, hold.act_id, command.reason.strip(), now)
    free = open_holds.open_hold_reason(session, lot.id) is None
    if free:
        facts.tell(session, lot, "lot.hold_lifted", command.by, now, news=False, held=True)
        lots.publish(session, lot.id, "lot.hold_lifted", {"lot": lot.lot_no})
    return Receipt(act="lift_hold", at=now, data=data | {"free": free})


def lift_act(session: Session, command: LiftHoldAct, now: datetime) -> Receipt:
    """Lift all that one act of quality still holds, by one signature over what that is; lots that others hold too stay held."""
    if not command.reason.strip():
        raise NO_REASON()
    row = reach.get(session, command.hold_act)
    reach.open_lots(session, row, lock=True)
    check_lift_act(session, command.by.person_id)
    given = Given(command.attempt_id, command.digest, command.meaning, command.reason)
    signature = signed_acts.sign(session, shown_act(session, row), command.by, given, "lift", now)
    reason = command.reason.strip()
    lifted = reach.lift(session, row, reason=reason, person_id=command.by.person_id, signature_id=signature.id, now=now)
    pulls.cancel_held(session, row.id, reason, now)
    free = holds.tell_free(session, lifted, command.by, now)
    data = {"lifted": len(lifted), "free": len(free), "signature": str(signature.public_id), "digest": signature.digest}
    return Receipt(act="lift_hold_act", at=now, data=data)


def preview_act(session: Session, act: UUID, person_id: int) -> Shown:
    """What the signature that lifts all of an act is over; refuses what lifting it would refuse."""
    row = reach.get(session, act)
    reach.open_lots(session, row)
    check_lift_act(session, person_id)
    return shown_act(session, row)


def check_lift_act(session: Session, person_id: int) -> None:
    """Refuse whoever may not let go of what quality holds."""
    if Permission.LOT_LIFT not in roles.permitted(session, person_id):
        raise forbidden(Permission.LOT_LIFT)


def shown_act(session: Session, row: HoldAct) -> Shown:
    """The record that lifting all of an act is signed on: which batches it still holds, why, by whom and since when."""
    record = {
        "record": "hold_act_lift",
        "hold_act": str(row.public_id),
        "scope": row.scope,
        "named": row.named,
        "lots": reach.open_numbers(session, row),
        "reason": row.reason,
        "placed_by": session.get_one(Person, row.placed_by_id).name,
        "placed_at": row.placed_at.astimezone(UTC).isoformat(),
    }
    lot = reach.open_lots(session, row)[0]
    return Shown(LIFT_HOLD_ACT, str(row.public_id), signing.canonical(record), lot)


def decide_again(session: Session, command: DecideAgain, now: datetime) -> Receipt:
    """A batch that a release decision holds goes to a newer release decision; the hold stays until two have signed it."""
    if not command.reason.strip():
        raise NO_REASON()
    lot = lots.lock(session, [command.lot_no])[command.lot_no]
    waits = any(one.kind is HoldKind.RELEASE for one in open_holds.open_of(session, lot.id))
    if not waits or not runs.fact(session, "lot", lot.id, "lot.hold_lifted", command.by, now):
        raise rules.NOTHING_TO_DECIDE(lot=lot.lot_no)
    lots.note(session, lot.id, "lot.decided_again", command.by.person_id, {"reason": command.reason.strip()})
    lots.publish(session, lot.id, "lot.decided_again", {"lot": lot.lot_no})
    return Receipt(act="decide_again", at=now, data={"lot": lot.lot_no})


def _proposed(session: Session, hold: Hold, lot: Lot, seen: Shown, command: LiftHold) -> bool:
    """Whether somebody else has signed the recall's decision on this hold over the same record; refuses the same person."""
    first = session.exec(
        select(Signature)
        .where(
            Signature.act == LIFT_HOLD.act,
            Signature.about == seen.about,
            Signature.digest == seen.digest,
            Signature.outcome == PROPOSED,
        )
        .order_by(col(Signature.id).desc())
        .limit(1)
    ).first()
    if first is None:
        return False
    check_other_person([command.by.person_id], [first.person_id], command.by.name)
    pair = (roles.permitted(session, one) for one in (first.person_id, command.by.person_id))
    rules.check_recall_pair(lot.lot_no, _as_open(session, hold), *pair)
    return True


def preview(session: Session, hold_id: UUID, person_id: int) -> Shown:
    """What the signature that lifts this hold is over; refuses what the act would refuse."""
    hold = _of(session, hold_id)
    lot = session.get_one(Lot, hold.lot_id)
    check_lift(session, hold, lot, person_id)
    return shown(session, hold, lot)


def open_on(session: Session, lot: Lot, person_id: int) -> dict[UUID, Shown]:
    """What lifting each open hold of a batch would be signed on, where this person may."""
    rows = session.exec(select(Hold).where(Hold.lot_id == lot.id, col(Hold.lifted_at).is_(None))).all()
    found = {}
    for hold in rows:
        with suppress(Refusal):
            check_lift(session, hold, lot, person_id)
            found[hold.public_id] = shown(session, hold, lot)
    return found


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
        "recall": _recall_no(session, hold),
        "placed_by": placed_by.name,
        "placed_at": hold.placed_at.astimezone(UTC).isoformat(),
    }
    return Shown(LIFT_HOLD, str(hold.public_id), signing.canonical(record), lot.id)


def check_lift(session: Session, hold: Hold, lot: Lot, person_id: int) -> None:
    """Refuse a hold that was lifted already, and whoever may not let go of what its process holds."""
    if hold.lifted_at is not None:
        raise LIFTED(at=moments.day(hold.lifted_at, lots.site_zone(session)))
    rules.check_lift(lot.lot_no, _as_open(session, hold), roles.permitted(session, person_id))


def kind(hold: Hold) -> HoldKind:
    """Whose hold it is."""
    return lot_open_hold.kind_of(hold.cause, confirmed=hold.confirmed_at is not None)


def _as_open(session: Session, hold: Hold) -> OpenHold:
    return OpenHold(kind(hold), hold.reason, _recall_no(session, hold))


def _recall_no(session: Session, hold: Hold) -> str | None:
    if hold.recall_id is None:
        return None
    return str(session.connection().execute(RECALL_NO, {"recall": hold.recall_id}).scalar_one())


def _of(session: Session, hold_id: UUID, *, lock: bool = False) -> Hold:
    query = select(Hold).where(Hold.public_id == hold_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    hold = session.exec(query).first()
    if hold is None:
        raise UNKNOWN()
    return hold


ACTS = {
    "place_hold": place,
    "lift_hold": lift,
    "lift_hold_act": lift_act,
    "lift_hold_part": lift_part,
    "decide_again": decide_again,
}
