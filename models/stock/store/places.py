"""What may lie where: the kinds of places asked by every act that brings goods or takes them away (ISO 13485 7.5.11)."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.units.quantity import plain
from models.lot.rules.lot import LotFacts, LotStatus, Pick
from models.lot.store import open_holds
from models.lot.tables import Lot
from models.place import rules
from models.place.tables import Location
from models.stock import rules as stock_rules
from models.stock.store import stock

OPEN = text("select returns_open(:lot)")
APART = text("""
select o.code, o.kind, s.location_id, s.quantity from stock s join location o on o.id = s.location_id
 where s.lot_id = :lot and s.quantity > 0
""")


def place(row: Location) -> rules.Place:
    """A place as the rules see it."""
    return rules.Place(row.code, rules.kind(row.kind))


def goods(session: Session, lot: Lot, known: LotFacts | None = None) -> rules.Goods:
    """What a lot is as a shelf sees it; `known` where its facts have been read."""
    held = open_holds.open_hold_reason(session, lot.id) is not None if known is None else bool(known.holds)
    return stock_rules.goods(LotStatus(lot.status), held=held)


def check_into(session: Session, row: Location, lot: Lot, known: LotFacts | None = None) -> None:
    """PLC-001 for a place where such goods don't lie."""
    rules.check_into(place(row), lot.lot_no, goods(session, lot, known))


def undecided(session: Session, lot_id: int) -> Decimal:
    """How much of a lot came back and waits for a decision."""
    return Decimal(session.connection().execute(OPEN, {"lot": lot_id}).scalar_one())


def usable(session: Session, lot: Lot, wanted: Decimal, lying: Sequence[stock.Lying] | None = None) -> tuple[Pick, ...]:
    """Where a quantity may be taken from for a customer or a batch; `lying` where it is known what lies there.

    Not from returns and rejects, and nothing that came back and nobody has decided about.
    """
    rows = stock.lying(session, lot.id) if lying is None else lying
    loose = stock.loose(rows)
    kinds = {row.location_id: rules.kind(row.kind) for row in rows}
    waits = rules.FITS[rules.Goods.RETURNED]
    there = sum((row.quantity for row in rows if kinds[row.location_id] in waits), Decimal(0))
    # where nothing lies among the returns there is nothing to leave there
    free = there - undecided(session, lot.id) if there else there
    found: list[Pick] = []
    for pick in loose:
        kind = kinds[pick.location_id]
        if kind in rules.APART:
            continue
        quantity = min(pick.quantity, max(free, Decimal(0))) if kind in waits else pick.quantity
        if kind in waits:
            free -= quantity
        if quantity > 0:
            found.append(Pick(pick.location_id, pick.location, quantity))
    _short(lot, wanted, loose, found)
    return tuple(found)


def _short(lot: Lot, wanted: Decimal, loose: tuple[Pick, ...], found: list[Pick]) -> None:
    """PLC-002 where there would be enough, but for what lies apart."""
    all_, left = (sum((pick.quantity for pick in picks), Decimal(0)) for picks in (loose, found))
    if left < wanted <= all_:
        known = {pick.location_id: pick.quantity for pick in found}
        apart = sorted(pick.location for pick in loose if known.get(pick.location_id, Decimal(0)) < pick.quantity)
        said = {name: plain(value) for name, value in (("there", left), ("wanted", wanted), ("apart", all_ - left))}
        raise rules.LIES_ELSEWHERE(lot=lot.lot_no, uom=lot.uom, places=", ".join(apart), **said)


def check_leaving(session: Session, source: Location, to: Location, lot: Lot, quantity: Decimal) -> None:
    """PLC-003 for returned goods that nobody has decided about."""
    waits = rules.FITS[rules.Goods.RETURNED]
    if place(source).kind not in waits:
        return
    rows = session.connection().execute(APART, {"lot": lot.id}).all()
    there = sum((row.quantity for row in rows if rules.kind(row.kind) in waits), Decimal(0))
    rules.check_returned(place(source), place(to), lot.lot_no, lot.uom, quantity, there, undecided(session, lot.id))


def check_unit(session: Session, lot: Lot, location: str, quantity: Decimal) -> None:
    """PLC-001 and PLC-003 for what leaves in a case or on a pallet."""
    row = stock.location(session, location)
    if place(row).kind in rules.APART:
        raise rules.LIES_ELSEWHERE(
            lot=lot.lot_no, uom=lot.uom, there="0", wanted=plain(quantity), apart=plain(quantity), places=row.code
        )
    if place(row).kind not in rules.FITS[rules.Goods.RETURNED]:
        return
    rows = session.connection().execute(APART, {"lot": lot.id}).all()
    waits = rules.FITS[rules.Goods.RETURNED]
    there = sum((one.quantity for one in rows if rules.kind(one.kind) in waits), Decimal(0))
    open_ = undecided(session, lot.id)
    if there - open_ < quantity:
        left = max(there - open_, Decimal(0))
        raise rules.LIES_ELSEWHERE(
            lot=lot.lot_no, uom=lot.uom, there=plain(left), wanted=plain(quantity), apart=plain(open_), places=row.code
        )
