"""Stock itself is dealt with: pieces get their serial numbers, goods go to another place (REQUIREMENTS 18, 54)."""

from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from models.lot.rules import lot as lot_rules
from models.lot.rules.held import Act
from models.lot.store import lots, open_holds
from models.lot.tables import Lot
from models.place import rules as place_rules
from models.place.tables import Location
from models.process.messages.process import Receipt
from models.stock import rules
from models.stock.messages import MoveStock, RegisterSerials
from models.stock.store import parts, places, serials, stock
from models.stock.store.parts import HeldPart


def register(session: Session, command: RegisterSerials, now: datetime) -> Receipt:
    """Give pieces of a lot their numbers, all or none."""
    named = [one.strip() for one in command.serials]
    lot = lots.lock(session, [command.lot_no])[command.lot_no]
    open_holds.check_held(session, lot, Act.NUMBER)
    rules.check_register(serials.numbered(session, lot), named)
    serials.register(session, lot, named)
    told = named[0] if len(named) == 1 else f"{named[0]} … {named[-1]} ({len(named)})"
    lots.note(session, lot.id, "lot.serials_registered", command.by.person_id, {"serials": told})
    data = {"lot_no": lot.lot_no, "count": len(named), "serials": named}
    return Receipt(act="register_serials", at=now, data=data)


def move(session: Session, command: MoveStock, now: datetime) -> Receipt:
    """Bring goods of a lot from one place to another, where such goods may lie; what is packed goes with its unit."""
    if not command.reason.strip():
        raise place_rules.NO_REASON()
    lot = lots.lock(session, [command.lot_no])[command.lot_no]
    open_holds.check_held(session, lot, Act.MOVE)
    part = None if command.part is None else parts.get(session, lot, command.part)
    source, to = _source(session, part, command), stock.location(session, command.to)
    if source.id == to.id:
        raise place_rules.SAME(place=to.code)
    quantity = _moved(session, lot, part, source, to, command)
    told = {"quantity": f"{quantity.normalize():f}", "uom": lot.uom, "from": source.code, "into": to.code}
    lots.note(session, lot.id, "lot.moved", command.by.person_id, told | {"reason": command.reason.strip()})
    return Receipt(act="move_stock", at=now, data={"lot_no": lot.lot_no, **told, "location": to.code})


def _source(session: Session, part: HeldPart | None, command: MoveStock) -> Location:
    """Where it goes from: as the command says, or where the part is held; where it says both, they are the same."""
    if command.source is None and part is None:
        raise place_rules.FROM_WHERE()
    source = stock.location(session, command.source or (part.location if part else ""))
    if part is not None and part.location_id != source.id:
        raise rules.NO_PART(lot=command.lot_no)
    return source


def _moved(
    session: Session, lot: Lot, part: HeldPart | None, source: Location, to: Location, command: MoveStock
) -> Decimal:
    """Goods go, and answers how many: free ones, or those of a part that is held, which goes on being held."""
    reason = command.reason.strip()
    if part is not None:
        quantity = part.quantity if command.quantity is None else command.quantity
        lots.check_whole(session, lot, quantity)
        rules.check_part(lot.lot_no, lot.uom, part.location, quantity, part.quantity)
        parts.bring(session, lot, part, to, quantity, person_id=command.by.person_id, reason=reason)
        return quantity
    loose = stock.places(session, lot.id)
    here = sum((pick.quantity for pick in loose if pick.location_id == source.id), Decimal(0))
    quantity = here if command.quantity is None else command.quantity
    lots.check_whole(session, lot, quantity)
    lot_rules.allocate(lots.facts(session, lot), quantity, loose, source.code)
    places.check_into(session, to, lot)
    places.check_leaving(session, source, to, lot, quantity)
    stock.move(session, lot, source, to, quantity, reason)
    return quantity


ACTS = {"register_serials": register, "move_stock": move}
