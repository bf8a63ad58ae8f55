"""Lots: find and lock them, change their state, write down what happened to them."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text, union_all
from sqlmodel import Session, col, select

from models.identifier.rules.identity import identity_key
from models.item.rules import shelf_life
from models.item.tables import Item
from models.kernel.store import later
from models.kernel.store.act import now, zone
from models.kernel.tables import Outbox
from models.kernel.units import units
from models.kernel.units.units import Kept, convert
from models.lot.rules.lot import ALIKE, TWICE, UNKNOWN, HeldThere, LotFacts, LotStatus, OnUnit, check_transition
from models.lot.store import open_holds, open_locks
from models.lot.tables import Lot, LotFact, OwnNumber

ON_UNITS = text("""
select u.unit_no, p.code, sum(c.quantity) from packed_content c join logistic_unit u on u.id = c.unit_id
  join location p on p.id = u.location_id
 where c.lot_id = :lot and c.unpacked_at is null and c.shipment_line_id is null
 group by u.unit_no, p.code order by u.unit_no
""")
PACKED = """
(select coalesce(json_agg(json_build_array(x.unit_no, x.code, x.quantity::text) order by x.unit_no), '[]')
   from (select u.unit_no, p.code, sum(c.quantity) as quantity
           from packed_content c join logistic_unit u on u.id = c.unit_id join location p on p.id = u.location_id
          where c.lot_id = :lot and c.unpacked_at is null and c.shipment_line_id is null group by u.unit_no, p.code) x)
"""
TAKEN = f"json_build_array({PACKED}, {open_holds.PARTS_AS_JSON})"
"""What of it is in stock and not free to be taken: in cases, and held at a place."""
MET = "items met"
"""Where a session keeps the items of the lots that it has asked about: it forgets by itself what nobody holds."""
READ_BY_THE_RECORD = frozenset({"lot.received", "lot.label_differs", "lot.link_corrected"})
"""What a batch record, or who stands behind a batch, is read from: an act that tells it may ask for that a moment later."""
TOTAL = text("select coalesce(sum(quantity), 0) from stock where lot_id = :lot")
FOLD_ALIKE = text("""
select array_agg(l.lot_no order by l.id) as numbers from lot l
 where l.lot_key in (select k.lot_key from lot k group by k.lot_key having count(*) > 1)
 group by identity_key(l.lot_no) having count(*) > 1 order by 1
""")


def get(session: Session, lot_no: str) -> Lot:
    """The lot with that printed number."""
    lot = session.exec(select(Lot).where(Lot.lot_no == lot_no)).first()
    if lot is None:
        raise UNKNOWN(lot=lot_no[:80])
    return lot


def exists(session: Session, lot_no: str) -> bool:
    """Whether a lot has exactly that number."""
    return session.exec(select(Lot.id).where(Lot.lot_no == lot_no)).first() is not None


def lock(session: Session, lot_nos: Iterable[str], *, own: int | None = None) -> dict[str, Lot]:
    """Lock lots (and the one whose key is `own`) against everybody else, in key order: two acts never wait in a circle.

    What was read before the lock is read again (`populate_existing`): another act may have changed it meanwhile.
    """
    wanted = set(lot_nos)
    rows = session.exec(
        select(Lot)
        .where(col(Lot.lot_no).in_(wanted) | (col(Lot.id) == own) if own else col(Lot.lot_no).in_(wanted))
        .order_by(col(Lot.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    found = {lot.lot_no: lot for lot in rows}
    for missing in sorted(wanted - found.keys()):
        raise UNKNOWN(lot=missing[:80])
    return found


def lock_by_key(session: Session, lot_id: int) -> Lot:
    """Lock one lot whose key is known."""
    query = select(Lot).where(Lot.id == lot_id).with_for_update(key_share=True)
    return session.exec(query.execution_options(populate_existing=True)).one()


def check_new(session: Session, lot_no: str) -> None:
    """Refuse a number that a lot has already, however it is spelled (the wall: `own_number_is_new`)."""
    same = select(Lot.lot_no).join(OwnNumber, col(OwnNumber.lot_id) == col(Lot.id))
    alike_ = same.where(OwnNumber.identity == identity_key(lot_no))
    others = session.exec(union_all(select(Lot.lot_no).where(Lot.lot_no == lot_no), alike_)).scalars().all()  # type: ignore[call-overload] # SQLModel has no word for a union
    if lot_no in others:
        raise TWICE(lot=lot_no[:80])
    if others:
        raise ALIKE(lot=lot_no[:80], other=others[0])


def alike(session: Session) -> list[tuple[str, ...]]:
    """Batch numbers of before that fold alike, together: each group waits for a person's decision."""
    return [tuple(row.numbers) for row in session.connection().execute(FOLD_ALIKE)]


def facts(session: Session, lot: Lot) -> LotFacts:
    """What the rules need to know: one statement, which brings the lot's item along."""
    given = {"lot": lot.id}
    held, taken = text(open_holds.AS_JSON).bindparams(**given), text(TAKEN).bindparams(**given)
    asked = select(Item, held, taken, text(open_locks.AS_JSON).bindparams(**given))
    item, holds, (packed, parts), locks = session.exec(asked.where(Item.id == lot.item_id)).one()
    met(session, item)
    return LotFacts(
        lot_no=lot.lot_no,
        status=LotStatus(lot.status),
        holds=open_holds.of_json(holds),
        expires_on=lot.expires_on,
        expiry_precision=lot.expiry_precision,
        uom=lot.uom,
        packed=tuple(OnUnit(unit, place, Decimal(quantity)) for unit, place, quantity in packed),
        parts=tuple(HeldThere(place, Decimal(quantity), reason) for place, quantity, reason in parts),
        locks=open_locks.of_json(locks),
    )


def met(session: Session, item: Item) -> None:
    """Keep a lot's item at hand for the rest of the act."""
    session.info.setdefault(MET, {})[item.id] = item


def item(session: Session, lot: Lot) -> Item:
    """What the lot is of."""
    return session.get_one(Item, lot.item_id)


def expired(session: Session, lot: Lot) -> bool:
    """Whether its last day is over in the plant."""
    return shelf_life.expired(lot.expires_on, lot.expiry_precision, now(session), site_zone(session))


def in_own_unit(session: Session, lot: Lot, quantity: Decimal, given: str | None) -> Decimal:
    """A quantity that was measured in the unit `given`, in the unit that the lot is kept in."""
    kept = _kept(session, lot)
    quantity = convert(quantity, given, kept)
    _check_whole(session, lot, quantity, kept)
    return quantity


def check_whole(session: Session, lot: Lot, *quantities: Decimal) -> None:
    """UNI-005 for a part of a piece."""
    kept = _kept(session, lot)
    for quantity in quantities:
        _check_whole(session, lot, quantity, kept)


def _check_whole(session: Session, lot: Lot, quantity: Decimal, kept: Kept) -> None:
    if not quantity.is_finite() or (quantity * lot.pack_size) % 1 == 0:
        return
    units.check_whole(quantity, kept, total(session, lot.id))


def _kept(session: Session, lot: Lot) -> Kept:
    return Kept(lot.lot_no, lot.uom, item(session, lot).uom, lot.pack_size)


def on_units(session: Session, lot_id: int) -> tuple[OnUnit, ...]:
    """The cases and pallets in house that hold something of the lot."""
    return tuple(OnUnit(*row) for row in session.connection().execute(ON_UNITS, {"lot": lot_id}))


def set_status(session: Session, lot: Lot, status: LotStatus) -> None:
    """Move the lot on, by the rule and past the wall."""
    if lot.status == status:
        return
    check_transition(lot.lot_no, LotStatus(lot.status), status)
    lot.status = status
    session.add(lot)
    session.flush()


def note(
    session: Session,
    lot_id: int,
    fact: str,
    person_id: int | None,
    data: dict[str, Any] | None = None,
    happened_at: datetime | None = None,
) -> None:
    """Write a fact into the lot's timeline; `happened_at` where it is told afterwards."""
    later.add(session, LotFact, lot_id=lot_id, fact=fact, person_id=person_id, data=data or {}, happened_at=happened_at)
    if fact in READ_BY_THE_RECORD:
        later.write(session)


def publish(session: Session, lot_id: int | None, fact: str, payload: dict[str, Any]) -> None:
    """Hand a fact to the dispatcher, in the transaction that made it true."""
    later.add(session, Outbox, lot_id=lot_id, fact=fact, payload=payload)


def site_zone(session: Session) -> str:
    """The plant's time zone."""
    return zone(session)


def total(session: Session, lot_id: int) -> Decimal:
    """How much of the lot is in house."""
    session.flush()
    found: Decimal = session.connection().execute(TOTAL, {"lot": lot_id}).scalar_one()
    return found
