"""Stock: where a lot lies, and the movements that change it (the balance itself is kept by the database)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy
from sqlalchemy import func
from sqlmodel import Session, col, select

from models.identifier.rules import scanned_field as scanned
from models.kernel.refusal import Kind
from models.lot.rules.lot import Pick
from models.lot.tables import Lot
from models.place import tables as place_tables
from models.place.tables import Location
from models.register.store import numbers
from models.stock.tables import Stock, StockMovement

UNKNOWN_LOCATION = Kind(
    "STK-003", "DESIGN 2.5", "找不到库位「{location}」。", "There is no location “{location}”.", 404
)


def location(session: Session, code: str) -> Location:
    """The location that is meant by that code, however it is typed or scanned."""
    same = select(Location).where(Location.code == code)
    row = session.exec(same).first()
    if row is None and code.strip():
        known = numbers.meant(session, place_tables.PLACES, scanned.number(code, scanned.Asked.PLACE))
        row = session.exec(select(Location).where(Location.code == known)).first() if known else None
    if row is None:
        raise UNKNOWN_LOCATION(location=code[:80])
    return row


@dataclass(frozen=True)
class Lying:
    """A quantity of a lot at a place of some kind; `free` of it is neither packed in a unit nor held there."""

    location_id: int
    location: str
    kind: str
    quantity: Decimal
    free: Decimal


def locations(session: Session, codes: Iterable[str | None]) -> dict[str, Location]:
    """The locations that are meant by these codes, in one statement where each is typed as it is printed."""
    typed = sorted({code for code in codes if code is not None})
    found = {row.code: row for row in session.exec(select(Location).where(col(Location.code).in_(typed)))}
    return {code: found.get(code) or location(session, code) for code in typed}


def lying(session: Session, lot_id: int) -> tuple[Lying, ...]:
    """Where the lot lies and how much, loose, packed and held there."""
    taken = func.packed_at_place(Stock.lot_id, Stock.location_id) + func.held_at_place(Stock.lot_id, Stock.location_id)
    free = col(Stock.quantity) - taken
    rows = session.execute(
        sqlalchemy.select(col(Stock.location_id), col(Location.code), col(Location.kind), col(Stock.quantity), free)
        .join(Location, col(Location.id) == col(Stock.location_id))
        .where(col(Stock.lot_id) == lot_id, col(Stock.quantity) > 0)
        .order_by(col(Stock.location_id))
    ).all()
    return tuple(Lying(*row) for row in rows)


def loose(there: Iterable[Lying]) -> tuple[Pick, ...]:
    """What of it is neither packed in a unit nor held, for that is not free to be taken by itself."""
    return tuple(Pick(one.location_id, one.location, one.free) for one in there if one.free > 0)


def places(session: Session, lot_id: int) -> tuple[Pick, ...]:
    """Where the lot lies loose and free, and how much."""
    return loose(lying(session, lot_id))


def bring(
    session: Session, lot: Lot, kind: str, quantity: Decimal, location_id: int, *, operation_run_id: int | None = None
) -> None:
    """Quantity comes from outside or from production."""
    session.add(
        StockMovement(
            lot_id=lot.id, kind=kind, to_location_id=location_id, quantity=quantity, operation_run_id=operation_run_id
        )
    )
    session.flush()


def bring_line(
    session: Session, lot: Lot, quantity: Decimal, location_id: int, shipment_line_id: int, reason: str
) -> None:
    """What a customer sends back comes in, of the line that it left with."""
    session.add(
        StockMovement(
            lot_id=lot.id,
            kind="return",
            to_location_id=location_id,
            quantity=quantity,
            shipment_line_id=shipment_line_id,
            reason=reason,
        )
    )
    session.flush()


def take(
    session: Session,
    lot: Lot,
    kind: str,
    picks: Iterable[Pick],
    *,
    operation_run_id: int | None = None,
    shipment_line_id: int | None = None,
    reason: str | None = None,
) -> list[StockMovement]:
    """Quantity leaves: consumed, shipped, scrapped or kept as samples; answers by which movements."""
    made = [
        StockMovement(
            lot_id=lot.id,
            kind=kind,
            from_location_id=pick.location_id,
            quantity=pick.quantity,
            operation_run_id=operation_run_id,
            shipment_line_id=shipment_line_id,
            reason=reason,
        )
        for pick in picks
    ]
    session.add_all(made)
    session.flush()
    return made


def turn(session: Session, parent: Lot, child: Lot, edge_id: int, out: Iterable[Pick], into: Iterable[Pick]) -> None:
    """Quantity goes from one lot into another along a link, each in its own unit."""
    for pick in out:
        session.add(
            StockMovement(
                lot_id=parent.id,
                kind="reshape-out",
                from_location_id=pick.location_id,
                quantity=pick.quantity,
                edge_id=edge_id,
            )
        )
    for pick in into:
        session.add(
            StockMovement(
                lot_id=child.id,
                kind="reshape-in",
                to_location_id=pick.location_id,
                quantity=pick.quantity,
                edge_id=edge_id,
            )
        )
    session.flush()


def move_all(session: Session, lot: Lot, to: Location) -> None:
    """Put everything loose that lies elsewhere to one place; what is packed goes with its unit (`store/packing`)."""
    for pick in places(session, lot.id):
        if pick.location_id != to.id:
            session.add(
                StockMovement(
                    lot_id=lot.id,
                    kind="move",
                    from_location_id=pick.location_id,
                    to_location_id=to.id,
                    quantity=pick.quantity,
                )
            )
    session.flush()


def move(session: Session, lot: Lot, source: Location, to: Location, quantity: Decimal, reason: str) -> None:
    """Put a quantity to another place; nothing moves where there is nothing."""
    if quantity <= 0 or source.id == to.id:
        return
    session.add(
        StockMovement(
            lot_id=lot.id,
            kind="move",
            from_location_id=source.id,
            to_location_id=to.id,
            quantity=quantity,
            reason=reason,
        )
    )
    session.flush()
