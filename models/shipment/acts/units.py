"""Whole cases and pallets leave: what is in them becomes lines of the shipment, by the gates of every shipment.

One line for each lot, one for each serial unit.  What keeps one thing back keeps all, and the refusal says where it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from models.kernel.refusal import Refusal
from models.lot.rules import lot as lot_rules
from models.lot.rules.lot import Pick
from models.lot.store import lots
from models.lot.tables import Lot
from models.packing import rules
from models.packing.store import packing
from models.packing.store.packing import Inside
from models.packing.tables import LogisticUnit, PackedContent
from models.shipment.tables import Shipment, ShipmentLine
from models.stock import rules as serial_rules
from models.stock.store import places, proposed, serials, stock


@dataclass(frozen=True)
class Load:
    """A unit that leaves, and the units and goods in it."""

    number: str
    units: tuple[LogisticUnit, ...]
    goods: tuple[Inside, ...]
    location: str

    def quantity(self, lot_no: str) -> Decimal:
        """How much of a lot leaves in it."""
        return sum((one.quantity or Decimal(0) for one in self.goods if one.lot_no == lot_no), Decimal(0))


def lock(session: Session, numbers: Sequence[str], more_lots: Sequence[str]) -> tuple[dict[str, Lot], tuple[Load, ...]]:
    """Lock the units, all that is in them, and the lots besides; refuse units that can't leave by themselves."""
    named = [packing.get(session, one) for one in numbers]
    for place, one in enumerate(named):
        if one.id in {other.id for other in named[:place]}:
            raise rules.TWICE(what=one.unit_no)
    if not named:
        return lots.lock(session, more_lots), ()
    seen, locked, units = packing.lock_whole(session, [one.id for one in named], more_lots)
    loads = []
    for one in named:
        facts = packing.facts(session, units[one.id])
        rules.check_whole(facts)
        parts = [each for each in seen if each.path[0] == one.unit_no]
        goods = tuple(each for each in parts if each.id is not None)
        if not goods:
            raise rules.EMPTY(unit=one.unit_no)
        inner = tuple(units[key] for key in dict.fromkeys(each.unit_id for each in parts))
        loads.append(Load(one.unit_no, inner, goods, facts.location))
    return locked, tuple(loads)


def leave(
    session: Session, shipment: Shipment, loads: Sequence[Load], locked: dict[str, Lot], now: datetime
) -> dict[str, Decimal]:
    """Ship the units: lines, movements, closed units; answers how much of each lot left."""
    zone = lots.site_zone(session)
    shipped: dict[str, Decimal] = {}
    for load in loads:
        _gates(session, load, locked, now, zone)
        for lot_no, serial_id in dict.fromkeys((one.lot_no or "", one.serial_unit_id) for one in load.goods):
            there = [one for one in load.goods if (one.lot_no, one.serial_unit_id) == (lot_no, serial_id)]
            quantity = sum((one.quantity for one in there if one.quantity is not None), Decimal(0))
            lot = locked[lot_no]
            line = ShipmentLine(shipment_id=shipment.id, lot_id=lot.id, quantity=quantity, serial_unit_id=serial_id)
            session.add(line)
            session.flush()
            for one in there:
                row = session.get_one(PackedContent, one.id)
                row.shipment_line_id = line.id
                session.add(row)
            session.flush()
            pick = Pick(load.units[0].location_id, load.location, quantity)
            stock.take(session, lot, "ship", [pick], shipment_line_id=line.id)
            shipped[lot_no] = shipped.get(lot_no, Decimal(0)) + quantity
        for unit in load.units:
            unit.status, unit.shipment_id = "shipped", shipment.id
            session.add(unit)
        session.flush()
    return shipped


def _gates(session: Session, load: Load, locked: dict[str, Lot], now: datetime, zone: str) -> None:
    """Everything in the unit may ship, or nothing of it does; who is told no reads in which case it is."""
    for lot_no in dict.fromkeys(one.lot_no or "" for one in load.goods):
        try:
            lot_rules.check_use(lots.facts(session, locked[lot_no]), lot_rules.Use.SHIP, now, zone)
            _numbered(session, load, locked[lot_no])
            places.check_unit(session, locked[lot_no], load.location, load.quantity(lot_no))
            named = (one.serial_no for one in load.goods if one.lot_no == lot_no)
            proposed.check_left(session, locked[lot_no], load.quantity(lot_no), named)
        except Refusal as refusal:
            path = next(one.path for one in load.goods if one.lot_no == lot_no)
            raise rules.at_position(refusal, path) from refusal


def _numbered(session: Session, load: Load, lot: Lot) -> None:
    """What was packed before its item got serial numbers is unpacked and packed by number first."""
    unnamed = [one for one in load.goods if one.lot_no == lot.lot_no and one.serial_unit_id is None]
    if unnamed and serials.serialised(session, lot):
        quantity = sum((one.quantity or Decimal(0) for one in unnamed), Decimal(0))
        serial_rules.check_leaving(serials.numbered(session, lot), quantity, ())
