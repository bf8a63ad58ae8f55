"""Cases and pallets in the record: found by what is printed, locked with all that is in them, told as of any time.

Every act locks the lots first, as all acts on lots do, then the units from the outside in; what was read before the locks
is read again, and who finds it changed is told to look again.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.kernel.store.walls import BUSY
from models.lot.store import lots
from models.lot.tables import Lot
from models.packing import rules
from models.packing import tables as packing_tables
from models.packing.tables import LogisticUnit
from models.register.store import numbers
from models.resolve.store.resolve import LIVE, LIVE_THEN

NESTING = text("select pg_advisory_xact_lock(hashtext('logistic.nest'))")
"""Units go into units one act after the other: two at once could close a loop together."""

_TREE = """
with recursive tree (unit_id, path) as (
  select u.id, array[u.unit_no] from logistic_unit u where u.id = any(cast(:ids as bigint[]))
  union all
  select k.id, t.path || k.unit_no from tree t
    join packed_content c on c.unit_id = t.unit_id and {live} join logistic_unit k on k.id = c.child_id
   where k.unit_no <> all(t.path)
)
"""
INSIDE = (
    _TREE
    + """
select t.unit_id, t.path, c.id, c.lot_id, l.lot_no, s.serial_no, c.serial_unit_id, c.quantity
  from tree t left join packed_content c on c.unit_id = t.unit_id and c.lot_id is not null and {live}
  left join lot l on l.id = c.lot_id left join serial_unit s on s.id = c.serial_unit_id
 order by cardinality(t.path), t.path, l.lot_no, c.id
"""
)
UNIT = text("""
select u.unit_no, u.kind, p.code, h.shipment_no, o.unit_no as parent
  from logistic_unit u join location p on p.id = u.location_id left join shipment h on h.id = u.shipment_id
  left join packed_content c on c.child_id = u.id and c.unpacked_at is null
  left join logistic_unit o on o.id = c.unit_id
 where u.id = :id
""")
ABOVE = text("""
with recursive above (id) as (
  select c.unit_id from packed_content c where c.child_id = :id and c.unpacked_at is null
  union select c.unit_id from above a join packed_content c on c.child_id = a.id where c.unpacked_at is null)
select u.unit_no from above a join logistic_unit u on u.id = a.id
""")
SERIAL_IN = text("""
select s.serial_no, u.unit_no from packed_content c join serial_unit s on s.id = c.serial_unit_id
  join logistic_unit u on u.id = c.unit_id
 where s.lot_id = :lot and s.serial_no = any(cast(:serials as text[]))
   and c.unpacked_at is null and c.shipment_line_id is null limit 1
""")
OUTERMOST = text("""
with recursive up (id) as (
  select c.unit_id from packed_content c
   where c.lot_id = :lot and c.unpacked_at is null and c.shipment_line_id is null
  union select c.unit_id from up join packed_content c on c.child_id = up.id where c.unpacked_at is null)
select u.id from up join logistic_unit u on u.id = up.id
 where u.status = 'open'
   and not exists (select from packed_content c where c.child_id = u.id and c.unpacked_at is null) order by u.id
""")


class Inside(NamedTuple):
    """A packing in a tree of units; `id` is None for a unit that holds no goods itself."""

    unit_id: int
    path: tuple[str, ...]
    id: int | None
    lot_id: int | None
    lot_no: str | None
    serial_no: str | None
    serial_unit_id: int | None
    quantity: Decimal | None


def find(session: Session, typed: str) -> LogisticUnit | None:
    """The unit with that number as printed, else the only one that folds to it."""
    number = rules.read_number(typed)
    known = numbers.meant(session, packing_tables.UNITS, number)
    return session.exec(select(LogisticUnit).where(LogisticUnit.unit_no == known)).first() if known else None


def get(session: Session, typed: str) -> LogisticUnit:
    """The same; PCK-003 when there is none."""
    found = find(session, typed)
    if found is None:
        raise rules.UNKNOWN(unit=typed[:80])
    return found


def facts(session: Session, unit: LogisticUnit) -> rules.Unit:
    """A unit as the rules see it."""
    row = session.connection().execute(UNIT, {"id": unit.id}).one()
    return rules.Unit(row.unit_no, rules.UnitKind(row.kind), row.code, row.shipment_no, row.parent)


def above(session: Session, unit: LogisticUnit) -> frozenset[str]:
    """The units that it is in, at any height."""
    return frozenset(session.connection().execute(ABOVE, {"id": unit.id}).scalars())


def inside(session: Session, unit_ids: Iterable[int], as_of: datetime | None = None) -> tuple[Inside, ...]:
    """Everything in the units at all levels, from the outside in; as it was known then, where a moment is given."""
    live = LIVE if as_of is None else LIVE_THEN
    given = {"ids": sorted(unit_ids), **({} if as_of is None else {"as_of": as_of})}
    rows = session.connection().execute(text(INSIDE.format(live=live)), given)
    return tuple(Inside(row[0], tuple(row[1]), *row[2:]) for row in rows)


def lock(session: Session, unit_ids: Iterable[int]) -> dict[int, LogisticUnit]:
    """Lock units in the order of their keys, and read them again."""
    rows = session.exec(
        select(LogisticUnit)
        .where(col(LogisticUnit.id).in_(sorted(unit_ids)))
        .order_by(col(LogisticUnit.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return {row.id: row for row in rows}


def lock_whole(
    session: Session, unit_ids: Collection[int], more_lots: Iterable[str] = ()
) -> tuple[tuple[Inside, ...], dict[str, Lot], dict[int, LogisticUnit]]:
    """Lock the lots in the units and these besides, then the units from the outside in; BUSY when they change meanwhile."""
    seen = inside(session, unit_ids)
    locked = lots.lock(session, {*more_lots, *(one.lot_no for one in seen if one.lot_no is not None)})
    units: dict[int, LogisticUnit] = {}
    for depth in sorted({len(one.path) for one in seen}):
        units |= lock(session, {one.unit_id for one in seen if len(one.path) == depth})
    if inside(session, unit_ids) != seen:
        raise BUSY()
    return seen, locked, units


def serial_in_unit(session: Session, lot_id: int, serials: Collection[str]) -> tuple[str, str] | None:
    """A serial number of these that is packed, and in which unit."""
    if not serials:
        return None
    row = session.connection().execute(SERIAL_IN, {"lot": lot_id, "serials": sorted(serials)}).first()
    return (row[0], row[1]) if row is not None else None


def refuse_packed_serials(session: Session, lot_id: int, serials: Collection[str]) -> None:
    """PCK-021 when one of them is in a unit: it goes nowhere by itself."""
    packed = serial_in_unit(session, lot_id, serials)
    if packed is not None:
        raise rules.SERIAL_PACKED(serial=packed[0], unit=packed[1])


def outermost(session: Session, lot_id: int) -> Sequence[int]:
    """The units in house that a lot is on, each with its biggest one around it."""
    return session.connection().execute(OUTERMOST, {"lot": lot_id}).scalars().all()


def place_of(session: Session, unit_id: int) -> int:
    """The key of the location where it stands."""
    return session.get_one(LogisticUnit, unit_id, populate_existing=True).location_id
