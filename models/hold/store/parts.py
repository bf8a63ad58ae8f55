"""So much of a batch is held at one place while the rest of it goes on: what that would be about, and what is held (ISO 13485 8.3.1).

The page, the API and the act ask the same; a batch's row lock decides who comes first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session, select

from models.hold import rules
from models.hold.rules import Broken, Promise, Scope, There
from models.hold.tables import HoldAct, HoldPart
from models.lot.store import lots, open_holds
from models.lot.tables import Lot
from models.place.rules import APART, kind
from models.place.tables import Location
from models.process.messages.process import By
from models.pull import rules as pull_rules
from models.pull import store as pulls
from models.pull.rules import Errand
from models.stock.store import parts, stock
from models.stock.store.parts import HeldPart
from models.stock.store.stock import Lying

PROMISED = text("""
select h.shipment_no, c.name, c.name_en, sum(s.quantity - s.returned)
  from shipment_line s join shipment h on h.id = s.shipment_id and h.status = 'planned' join customer c on c.id = h.customer_id
 where s.lot_id = :lot group by h.id, h.shipment_no, c.name, c.name_en order by h.id
""")
SAID = text("select said(cast(:name as text), cast(:name_en as text))")
PLACES = text("""
select o.code, said(o.name, o.name_en) as name, s.quantity, packed_at_place(s.lot_id, s.location_id) as packed,
       held_at_place(s.lot_id, s.location_id) as held
  from stock s join location o on o.id = s.location_id where s.lot_id = :lot and s.quantity > 0 order by o.code
""")
OF_ACT = """
select p.id, p.public_id as part, p.quantity, l.lot_no, l.uom, o.code as location, said(o.name, o.name_en) as place,
       a.public_id as hold_act, a.reason, p.placed_at, said(w.name, w.name_en) as placed_by, p.lifted, p.ended_at,
       said(x.name, x.name_en) as ended_by, p.end_reason, said(i.name, i.name_en) as item, l.status
  from hold_part p join hold_act a on a.id = p.act_id join lot l on l.id = p.lot_id join item i on i.id = l.item_id
  join location o on o.id = p.location_id join person w on w.id = a.placed_by_id left join person x on x.id = p.ended_by_id
 where {whose} order by p.ended_at is not null, p.id
"""
HELD_BY = text(OF_ACT.format(whose="p.act_id = :whose"))
ONE = text(OF_ACT.format(whose="p.public_id = :whose"))


@dataclass(frozen=True, kw_only=True, slots=True)
class PartReach:
    """What holding so much of a batch at a place (`at`) would be about.

    `left` is what may still be issued and shipped of the batch, `broken` the promises that this leaves nothing for.
    """

    at: Location
    there: There
    quantity: Decimal
    left: Decimal
    broken: tuple[Broken, ...]
    errand: Errand | None
    sends: bool


def of(session: Session, lot: Lot, place: str, quantity: Decimal, uom: str | None = None) -> PartReach:
    """What holding it would be about; refuses what the act would refuse."""
    rules.check_reach(Scope.PLACE, 1, place, quantity)
    where = stock.location(session, place)
    wanted = lots.in_own_unit(session, lot, quantity, uom)
    lying, held = stock.lying(session, lot.id), parts.open_of(session, lot.id)
    there = _there(session, lot, where, lying, held)
    rules.check_part(there, wanted)
    left = sum((one.free for one in lying if kind(one.kind) not in APART), Decimal(0))
    left -= wanted if kind(where.kind) not in APART else Decimal(0)
    return PartReach(
        at=where,
        there=there,
        quantity=wanted,
        left=left,
        broken=_broken(session, lot, lying, held, left),
        errand=_errand(session, lot, where, wanted),
        sends=pulls.sends(session),
    )


def place(
    session: Session, lot: Lot, where: str, wanted: Decimal, *, uom: str | None, reason: str, by: By, now: datetime
) -> tuple[HoldAct, HoldPart, int]:
    """Hold it; the lot is locked.  Answers the act, the part and how many errands it began."""
    found = of(session, lot, where, wanted, uom)
    act = HoldAct(
        scope=Scope.PLACE,
        named=[lot.lot_no],
        reason=reason,
        lots=1,
        broken=[one.as_record(lot.uom) for one in found.broken],
        placed_by_id=by.person_id,
        placed_at=now,
    )
    session.add(act)
    session.flush()
    part = HoldPart(act_id=act.id, lot_id=lot.id, location_id=found.at.id, quantity=found.quantity, placed_at=now)
    session.add(part)
    session.flush()
    told = _told(lot, found.at.code, found.quantity) | {"reason": reason}
    lots.note(session, lot.id, "lot.part_held", by.person_id, told)
    sent = 0 if found.errand is None else pulls.begin_part(session, act.id, lot, found.errand, by, now)
    return act, part, sent


def lift(
    session: Session,
    lot: Lot,
    part: HeldPart,
    quantity: Decimal,
    *,
    person_id: int,
    reason: str,
    signature_id: int,
    now: datetime,
) -> None:
    """So much of it is let go of by a signature; the rest goes on being held, and where nothing of it is, nobody is sent any more."""
    goes_on = {part.location_id: part.quantity - quantity}
    parts.end(session, part, goes_on, person_id=person_id, reason=reason, signature_id=signature_id)
    told = _told(lot, part.location, quantity) | {"reason": reason}
    lots.note(session, lot.id, "lot.part_lifted", person_id, told)
    if not any(one.act_id == part.act_id for one in parts.open_of(session, lot.id)):
        pulls.cancel_held(session, part.act_id, reason, now)


def lot_of(session: Session, part: UUID) -> int:
    """The key of the batch that a part is of."""
    found = session.exec(select(HoldPart.lot_id).where(HoldPart.public_id == part)).first()
    if found is None:
        raise rules.UNKNOWN()
    return found


def one(session: Session, part: UUID) -> Row[Any]:
    """A part, held or ended."""
    found = session.connection().execute(ONE, {"whose": part}).one_or_none()
    if found is None:
        raise rules.UNKNOWN()
    return found


def places_of(session: Session, lot_id: int) -> list[Row[Any]]:
    """Where the batch lies, how much, and what of that is packed or held."""
    return list(session.connection().execute(PLACES, {"lot": lot_id}))


def of_act(session: Session, act_id: int) -> list[Row[Any]]:
    """What an act has held of a batch and where, what is held first."""
    return list(session.connection().execute(HELD_BY, {"whose": act_id}))


def _there(session: Session, lot: Lot, where: Location, lying: tuple[Lying, ...], of_lot: Iterable[HeldPart]) -> There:
    here = next((one for one in lying if one.location_id == where.id), None)
    held = sum((one.quantity for one in of_lot if one.location_id == where.id), Decimal(0))
    quantity, free = (here.quantity, here.free) if here else (Decimal(0), Decimal(0))
    return There(
        lot_no=lot.lot_no,
        uom=lot.uom,
        place=where.code,
        quantity=quantity,
        packed=quantity - free - held,
        held=held,
        wholly=open_holds.open_hold_reason(session, lot.id) is not None,
    )


def _broken(
    session: Session, lot: Lot, lying: tuple[Lying, ...], of_lot: Iterable[HeldPart], left: Decimal
) -> tuple[Broken, ...]:
    """What is packed may still leave with its unit, so it keeps promises as what is free does."""
    held = sum((one.quantity for one in of_lot), Decimal(0))
    packed = sum((one.quantity - one.free for one in lying), Decimal(0)) - held
    promises = [Promise(*row) for row in session.connection().execute(PROMISED, {"lot": lot.id})]
    return rules.broken(promises, left + packed)


def _errand(session: Session, lot: Lot, where: Location, quantity: Decimal) -> Errand | None:
    if where.kind in pull_rules.SHELVES:
        return None
    title = session.connection().execute(SAID, {"name": where.name, "name_en": where.name_en}).scalar_one()
    return Errand("location", where.code, title, lot.uom, ((lot.lot_no, quantity),))


def _told(lot: Lot, place: str, quantity: Decimal) -> dict[str, Any]:
    return {"quantity": f"{quantity.normalize():f}", "uom": lot.uom, "location": place}
