"""Goods go into cases and onto pallets, come out of them and move with them (REQUIREMENTS 56).

Aggregation and disaggregation are rows with a beginning and an end: what was in a unit at any time stays told.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.identifier.rules.identifiers import compact
from models.kernel.store.walls import BUSY
from models.kernel.units.quantity import plain
from models.lot.rules import lot as lot_rules
from models.lot.rules.held import Act
from models.lot.store import lots, open_holds
from models.lot.tables import Lot
from models.packing import rules
from models.packing.messages import MoveUnit, PackLine, PackUnit, UnpackUnit
from models.packing.store import moves as packing_moves
from models.packing.store import packing
from models.packing.store.packing import Inside
from models.packing.tables import LogisticUnit, PackedContent
from models.process.messages.process import By, Receipt
from models.stock import rules as serial_rules
from models.stock.store import places, serials, stock
from models.stock.tables import SerialUnit

BEGIN = text("""
insert into logistic_unit (unit_no, kind, location_id, created_by_id) values (:unit_no, :kind, :place, :person)
on conflict (unit_no) do nothing
""")


def pack(session: Session, command: PackUnit, now: datetime) -> Receipt:
    """Put things into a unit, all or none; one that isn't known yet begins here."""
    things = _things(command.contents)
    if not things:
        raise rules.NOTHING()
    inner = [packing.get(session, one.unit_no) for one in things if one.unit_no is not None]
    if inner:
        session.connection().execute(packing.NESTING)
    known = packing.find(session, command.unit_no)
    nested = packing.inside(session, [one.id for one in inner])
    held = {one.lot_no for one in nested if one.lot_no is not None}
    locked = lots.lock(session, held | {one.lot_no for one in things if one.lot_no is not None})
    unit = _begin(session, command) if known is None else packing.lock(session, [known.id])[known.id]
    facts = packing.facts(session, unit)
    rules.check_open(facts)
    rules.check_same(facts, command.unit_kind, command.location)
    packing.lock(session, [one.id for one in inner])
    for lot_no in sorted(held):
        rules.check_lot(lots.facts(session, locked[lot_no]))
    packed: list[dict[str, Any]] = []
    units = iter(inner)
    for one in things:
        if one.lot_no is None:
            packed.append(_nest(session, unit, facts, next(units), command.by))
        else:
            packed.append(_put(session, unit, facts, locked[one.lot_no], one, command.by))
    _tell(session, locked, packed, "lot.packed_into", facts.unit_no, command.by)
    data = {"unit_no": facts.unit_no, "kind": facts.kind, "location": facts.location, "packed": packed}
    return Receipt(act="pack_unit", at=now, data=data | {"new": known is None})


def unpack(session: Session, command: UnpackUnit, now: datetime) -> Receipt:
    """Take things out of a unit; without a list everything that is directly in it."""
    things = _things(command.contents)
    unit = packing.get(session, command.unit_no)
    seen = _directly(session, unit)
    locked = lots.lock(session, {one.lot_no for one in seen if one.lot_no is not None})
    unit = packing.lock(session, [unit.id])[unit.id]
    for lot_no in sorted(locked):
        open_holds.check_held(session, locked[lot_no], Act.UNPACK)
    facts = packing.facts(session, unit)
    rules.check_open(facts)
    there = _directly(session, unit)
    if {one.lot_no for one in there} - {one.lot_no for one in seen}:  # packed since we looked: not locked
        raise BUSY()
    children = _children(session, unit)
    if not things:
        things = [_everything(one) for one in there] + [rules.Thing(unit_no=one.unit_no) for _, one in children]
    if not things:
        raise rules.EMPTY(unit=facts.unit_no)
    taken = [_take(session, facts, one, there, children, command.by, now) for one in things]
    _tell(session, locked, taken, "lot.unpacked_from", facts.unit_no, command.by, command.reason)
    return Receipt(act="unpack_unit", at=now, data={"unit_no": facts.unit_no, "unpacked": taken})


def move(session: Session, command: MoveUnit, now: datetime) -> Receipt:
    """A unit goes to another place with all that is in it: held goods too, for that is how they are put aside."""
    unit = packing.get(session, command.unit_no)
    to = stock.location(session, command.location)
    before = packing.facts(session, unit)
    rules.check_whole(before)
    for lot_no in sorted({one.lot_no for one in packing.inside(session, [unit.id]) if one.lot_no is not None}):
        lot = lots.get(session, lot_no)
        open_holds.check_held(session, lot, Act.MOVE)
        places.check_into(session, to, lot)
        quantity = sum(
            (one.quantity or Decimal(0) for one in packing.inside(session, [unit.id]) if one.lot_no == lot_no),
            Decimal(0),
        )
        places.check_leaving(session, stock.location(session, before.location), to, lot, quantity)
    moved = packing_moves.carry(session, [unit.id], to.id, before.unit_no)
    for lot, quantity in moved:
        data = {
            "unit": before.unit_no,
            "quantity": plain(quantity),
            "uom": lot.uom,
            "into": f"{before.unit_no} · {to.code}",
        }
        lots.note(session, lot.id, "lot.moved_with_unit", command.by.person_id, data)
    data = {"unit_no": before.unit_no, "from": before.location, "location": to.code}
    return Receipt(act="move_unit", at=now, data=data | {"lots": sorted({lot.lot_no for lot, _ in moved})})


def _things(lines: Iterable[PackLine]) -> list[rules.Thing]:
    things = [rules.Thing(one.lot_no, one.quantity, one.serial_no, one.unit_no) for one in lines]
    rules.check_things(things)
    return things


def _begin(session: Session, command: PackUnit) -> LogisticUnit:
    """A unit that nobody knew; two people who begin the same one at once both pack into it."""
    number = rules.read_number(command.unit_no)
    if command.unit_kind is None or command.location is None:
        raise rules.NEW(unit=number)
    place = stock.location(session, command.location)
    given = {"unit_no": number, "kind": command.unit_kind, "place": place.id, "person": command.by.person_id}
    session.connection().execute(BEGIN, given)
    unit = packing.get(session, number)
    return packing.lock(session, [unit.id])[unit.id]


def _put(
    session: Session, unit: LogisticUnit, facts: rules.Unit, lot: Lot, thing: rules.Thing, by: By
) -> dict[str, Any]:
    """A quantity of a lot, or one of its serial units, goes in."""
    known = lots.facts(session, lot)
    rules.check_lot(known)
    serial = _serial(session, lot, thing.serial_no) if thing.serial_no is not None else None
    quantity = thing.quantity if thing.quantity is not None else Decimal(1)
    lots.check_whole(session, lot, quantity)
    named = [serial.serial_no] if serial is not None else []
    serial_rules.check_leaving(serials.numbered(session, lot), quantity, named)
    lot_rules.allocate(known, quantity, stock.places(session, lot.id), facts.location)
    session.add(
        PackedContent(
            unit_id=unit.id,
            lot_id=lot.id,
            serial_unit_id=serial.id if serial is not None else None,
            quantity=quantity,
            packed_by_id=by.person_id,
        )
    )
    session.flush()
    return _said(lot.lot_no, quantity, lot.uom, serial.serial_no if serial is not None else None)


def _serial(session: Session, lot: Lot, serial_no: str) -> SerialUnit:
    found = session.exec(
        select(SerialUnit).where(SerialUnit.lot_id == lot.id, SerialUnit.serial_no == serial_no)
    ).first()
    if found is None or serial_no not in serials.in_house(session, lot.id):
        raise rules.NO_SERIAL(lot=lot.lot_no, serial=serial_no[:80])
    if lot.pack_size != 1:
        raise rules.BOXES(lot=lot.lot_no, uom=lot.uom)
    packed = packing.serial_in_unit(session, lot.id, [serial_no])
    if packed is not None:
        raise rules.PACKED_ALREADY(what=serial_no, unit=packed[1])
    return found


def _nest(session: Session, unit: LogisticUnit, facts: rules.Unit, inner: LogisticUnit, by: By) -> dict[str, Any]:
    """A smaller unit goes in."""
    known = packing.facts(session, inner)
    rules.check_nest(facts, known, packing.above(session, unit))
    session.add(PackedContent(unit_id=unit.id, child_id=inner.id, packed_by_id=by.person_id))
    session.flush()
    return {"unit_no": known.unit_no}


def _directly(session: Session, unit: LogisticUnit) -> list[Inside]:
    return [one for one in packing.inside(session, [unit.id]) if one.unit_id == unit.id and one.id is not None]


def _children(session: Session, unit: LogisticUnit) -> list[tuple[int, LogisticUnit]]:
    rows = session.exec(
        select(PackedContent, LogisticUnit)
        .join(LogisticUnit, col(LogisticUnit.id) == col(PackedContent.child_id))
        .where(PackedContent.unit_id == unit.id, col(PackedContent.unpacked_at).is_(None))
        .order_by(col(LogisticUnit.unit_no))
    ).all()
    return [(content.id, inner) for content, inner in rows]


def _everything(one: Inside) -> rules.Thing:
    if one.serial_no is not None:
        return rules.Thing(one.lot_no, serial_no=one.serial_no)
    return rules.Thing(one.lot_no, quantity=one.quantity)


def _take(
    session: Session,
    facts: rules.Unit,
    thing: rules.Thing,
    there: Sequence[Inside],
    children: Sequence[tuple[int, LogisticUnit]],
    by: By,
    now: datetime,
) -> dict[str, Any]:
    """One thing comes out; of a quantity, the rest stays in as a packing of its own."""
    if thing.unit_no is not None:
        number = rules.read_number(thing.unit_no)
        found = [(key, inner.unit_no) for key, inner in children if compact(inner.unit_no) == compact(number)]
        if not found:
            raise rules.NOT_IN(unit=facts.unit_no, what=number, there="–")
        _end(session, found[0][0], by, now)
        return {"unit_no": found[0][1]}
    here = [one for one in there if one.lot_no == thing.lot_no and one.serial_no == thing.serial_no]
    rows = [session.get_one(PackedContent, one.id, populate_existing=True) for one in here]
    live = [row for row in rows if row.unpacked_at is None]
    what = thing.lot_no if thing.serial_no is None else f"{thing.lot_no} / {thing.serial_no}"
    quantity = thing.quantity if thing.quantity is not None else Decimal(1)
    packings = [rules.Packing(row.id, row.quantity) for row in live if row.quantity is not None]
    taking = rules.take_out(facts.unit_no, what or "", packings, quantity)
    for key in taking.ended:
        _end(session, key, by, now)
    if taking.rest_of is not None:
        of = session.get_one(PackedContent, taking.rest_of)
        session.add(
            PackedContent(
                unit_id=of.unit_id,
                lot_id=of.lot_id,
                quantity=taking.rest,
                packed_by_id=of.packed_by_id,
                rest_of_id=of.id,
            )
        )
        session.flush()
    return _said(thing.lot_no or "", quantity, None, thing.serial_no)


def _end(session: Session, key: int, by: By, now: datetime) -> None:
    row = session.get_one(PackedContent, key)
    row.unpacked_at, row.unpacked_by_id = now, by.person_id
    session.add(row)
    session.flush()


def _said(lot_no: str, quantity: Decimal, uom: str | None, serial_no: str | None) -> dict[str, Any]:
    said: dict[str, Any] = {"lot_no": lot_no, "quantity": plain(quantity)}
    return said | ({"uom": uom} if uom else {}) | ({"serial_no": serial_no} if serial_no else {})


def _tell(
    session: Session,
    locked: Mapping[str, Lot],
    things: Iterable[Mapping[str, Any]],
    fact: str,
    unit_no: str,
    by: By,
    reason: str | None = None,
) -> None:
    """Each lot's timeline says once how much of it went in or came out."""
    sums: dict[str, Decimal] = {}
    for one in things:
        if "lot_no" in one:
            sums[one["lot_no"]] = sums.get(one["lot_no"], Decimal(0)) + Decimal(one["quantity"])
    way = "from" if fact == "lot.unpacked_from" else "into"
    for lot_no, quantity in sums.items():
        lot = locked[lot_no]
        data = {"unit": unit_no, way: unit_no, "quantity": plain(quantity), "uom": lot.uom}
        more = {"reason": reason.strip()} if reason and reason.strip() else {}
        lots.note(session, lot.id, fact, by.person_id, data | more)


ACTS = {"pack_unit": pack, "unpack_unit": unpack, "move_unit": move}
