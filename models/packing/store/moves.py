"""A unit moves with all that is in it: stock, smaller units and the unit itself, at once (REQUIREMENTS 56)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import Session

from models.lot.tables import Lot
from models.packing import rules
from models.packing.store import packing
from models.place.tables import Location
from models.stock.tables import StockMovement

MOVE = text("""
update serial_unit set lot_id = :to where lot_id = :lot and serial_no = any(cast(:serials as text[]))
""")


def carry(session: Session, unit_ids: Sequence[int], to: int, number: str) -> list[tuple[Lot, Decimal]]:
    """Move units and all that is in them to one place; answers the lots that moved and how much of each."""
    seen, locked, units = packing.lock_whole(session, unit_ids)
    for unit_id in unit_ids:  # what they are on may have changed while we waited
        rules.check_whole(packing.facts(session, units[unit_id]))
    moved: dict[tuple[str, int], Decimal] = {}
    for one in seen:
        place = units[one.unit_id].location_id
        if one.lot_no is not None and one.quantity is not None and place != to:
            moved[one.lot_no, place] = moved.get((one.lot_no, place), Decimal(0)) + one.quantity
    for unit in units.values():
        unit.location_id = to
        session.add(unit)
    session.flush()
    for (lot_no, place), quantity in sorted(moved.items()):
        session.add(
            StockMovement(
                lot_id=locked[lot_no].id,
                kind="move",
                from_location_id=place,
                to_location_id=to,
                quantity=quantity,
                reason=number,
            )
        )
    session.flush()
    return [(locked[lot_no], quantity) for (lot_no, _), quantity in sorted(moved.items())]


def put_away(session: Session, lot: Lot, to: Location) -> None:
    """A lot is put away: the units that hold nothing else go with it, and a mixed one has to be moved by somebody.

    Left behind, its goods would be in the books where nobody put them; moved along, another lot would.
    """
    for unit_id in packing.outermost(session, lot.id):
        parts = packing.inside(session, [unit_id])
        if {one.lot_no for one in parts} - {lot.lot_no, None}:
            if packing.place_of(session, unit_id) != to.id:
                raise rules.MIXED(lot=lot.lot_no, unit=parts[0].path[0])
            continue
        carry(session, [unit_id], to.id, parts[0].path[0])


def move_serials(session: Session, lot_id: int, to: int, serials: Iterable[str]) -> None:
    """These units belong to another lot from now on; the trail says where they were."""
    wanted = sorted(serials)
    packing.refuse_packed_serials(session, lot_id, wanted)
    if wanted:
        session.connection().execute(MOVE, {"lot": lot_id, "to": to, "serials": wanted})
