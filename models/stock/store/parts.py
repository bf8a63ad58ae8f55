"""What of a batch is held at a place: it stays there, or goes to where held goods may lie, and goes on being held (ISO 13485 8.3.1).

It is placed and lifted by `models.hold`; whoever carries goods carries what is held of them too, so this stands with stock.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.lot.tables import Lot
from models.place import rules as place_rules
from models.place.tables import Location
from models.stock import rules
from models.stock.store import places, stock

OPEN = text("""
select p.id, p.public_id, p.location_id, o.code as location, p.quantity, a.reason, a.id as act_id
  from hold_part p join hold_act a on a.id = p.act_id join location o on o.id = p.location_id
 where p.lot_id = :lot and p.ended_at is null order by p.id
""")
END = text("""
update hold_part set lifted = :lifted, ended_at = now(), ended_by_id = :person, end_reason = :reason, signature_id = :signature
 where id = :part returning id
""")
FOLLOW = text("""
insert into hold_part (act_id, lot_id, location_id, quantity, from_id, placed_at)
select p.act_id, p.lot_id, :location, :quantity, p.id, now() from hold_part p where p.id = :part returning public_id
""")


@dataclass(frozen=True, slots=True)
class HeldPart:
    """So much of a batch is held at a place, by which act and why."""

    id: int
    public_id: UUID
    location_id: int
    location: str
    quantity: Decimal
    reason: str
    act_id: int


def open_of(session: Session, lot_id: int) -> tuple[HeldPart, ...]:
    """What of a lot is held where, the oldest first."""
    return tuple(HeldPart(*row) for row in session.connection().execute(OPEN, {"lot": lot_id}))


def get(session: Session, lot: Lot, part: UUID) -> HeldPart:
    """A part of a lot that is held; HLD-018 where nothing (more) is."""
    for one in open_of(session, lot.id):
        if one.public_id == part:
            return one
    raise rules.NO_PART(lot=lot.lot_no)


def end(
    session: Session,
    part: HeldPart,
    goes_on: dict[int, Decimal],
    *,
    person_id: int,
    reason: str,
    signature_id: int | None = None,
) -> list[UUID]:
    """End a part; what goes on being held is by place.  What is neither is lifted, by the signature."""
    connection = session.connection()
    lifted = part.quantity - sum(goes_on.values(), Decimal(0))
    given: dict[str, Any] = {"part": part.id, "lifted": lifted, "signature": signature_id}
    connection.execute(END, given | {"person": person_id, "reason": reason})
    following = ({"part": part.id, "location": place, "quantity": much} for place, much in goes_on.items() if much > 0)
    return [connection.execute(FOLLOW, one).scalar_one() for one in following]


def check_into(session: Session, lot: Lot, to: Location) -> None:
    """PLC-001 where such goods don't lie, or held ones don't."""
    places.check_into(session, to, lot)
    place_rules.check_into(places.place(to), lot.lot_no, place_rules.Goods.HELD)


def bring(
    session: Session, lot: Lot, part: HeldPart, to: Location, quantity: Decimal, *, person_id: int, reason: str
) -> None:
    """So much of what is held goes to another place and goes on being held there; the lot is locked."""
    check_into(session, lot, to)
    goes_on = {part.location_id: part.quantity - quantity, to.id: quantity}
    end(session, part, goes_on, person_id=person_id, reason=reason)
    stock.move(session, lot, session.get_one(Location, part.location_id), to, quantity, reason)


def carry(
    session: Session,
    lot: Lot,
    source: Location,
    to: Location,
    quantity: Decimal,
    *,
    person_id: int,
    reason: str,
    act_id: int | None,
) -> None:
    """Book what somebody has brought, never more than the books have there.

    Who was sent for a part (`act_id`) brought that part and nothing else; else what is free goes first, then what is held there.
    """
    there = [part for part in open_of(session, lot.id) if part.location_id == source.id]
    if act_id is None:
        here = sum(
            (pick.quantity for pick in stock.places(session, lot.id) if pick.location_id == source.id), Decimal(0)
        )
        places.check_into(session, to, lot)
        stock.move(session, lot, source, to, min(quantity, here), reason)
        quantity -= min(quantity, here)
    for part in there:
        much = min(quantity, part.quantity)
        if much > 0 and act_id in {None, part.act_id}:
            bring(session, lot, part, to, much, person_id=person_id, reason=reason)
            quantity -= much
