"""Units with numbers of their own: which of a lot's are in house, how they leave, and their move into another lot."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session, select

from models.identifier.rules.scanned_field import refuse_whole
from models.item.tables import Item
from models.lot.rules.lot import LotStatus
from models.lot.tables import Lot
from models.stock import rules
from models.stock.store import stock
from models.stock.tables import SerialUnit, StockMovement

IN_HOUSE = text("select u.serial_no from serial_unit u where u.lot_id = :lot and serial_is_here(u)")
LOOSE = text("""
select u.serial_no from serial_unit u
 where u.lot_id = :lot and serial_is_here(u) and not exists (
   select from packed_content c where c.serial_unit_id = u.id and c.unpacked_at is null and c.shipment_line_id is null)
""")
LEAVE = text("""
update serial_unit set left_by_id = :movement where lot_id = :lot and serial_no = any(cast(:serials as text[]))
""")
OF_ITEM = text("""
select u.serial_no, l.lot_no from unnest(cast(:serials as text[])) named(serial_no)
  join serial_unit u on u.serial_key = near_key(named.serial_no) and u.item_id = :item
       and identity_key(u.serial_no) = identity_key(named.serial_no)
  join lot l on l.id = u.lot_id order by u.serial_no limit 1
""")
FOLD_ALIKE = text("""
select array_agg(u.serial_no order by u.id) as numbers from serial_unit u
 where u.serial_key in (select k.serial_key from serial_unit k where k.serial_key <> '' group by k.serial_key having count(*) > 1)
 group by u.item_id, identity_key(u.serial_no) having count(distinct u.serial_no) > 1 order by 1
""")
USED = text("""
select u.id, u.serial_no from serial_unit u join stock_movement m on m.id = u.left_by_id
 where m.operation_run_id = :run and u.lot_id = :lot order by u.id
""")
WHEREABOUTS = text("""
select u.serial_no,
       case when s.id is not null then 'shipped' when m.id is not null then m.kind
            when u.installed_in_id is not null then 'installed' when c.id is not null then 'packed'
            when serial_is_here(u) then 'in_stock' else u.status end as state,
       coalesce(h.shipment_no, k.unit_no, o.serial_no, w.work_order_no) as place
  from serial_unit u
  left join lateral (
    select x.id, x.shipment_id from shipment_line x join shipment y on y.id = x.shipment_id
     where x.serial_unit_id = u.id and x.quantity > x.returned and y.status in ('shipped', 'arrived') limit 1) s on true
  left join shipment h on h.id = s.shipment_id
  left join packed_content c on c.serial_unit_id = u.id and c.unpacked_at is null and c.shipment_line_id is null
  left join logistic_unit k on k.id = c.unit_id
  left join serial_unit o on o.id = u.installed_in_id
  left join stock_movement m on m.id = u.left_by_id
  left join operation_run r on r.id = m.operation_run_id left join work_order w on w.id = r.work_order_id
 where u.lot_id = :lot order by u.serial_no
""")
COME_BACK = text("update serial_unit set left_by_id = null where id = any(cast(:ids as bigint[]))")


def in_house(session: Session, lot_id: int) -> frozenset[str]:
    """The serial numbers of a lot that have not left and are not built into anything."""
    return frozenset(session.connection().execute(IN_HOUSE, {"lot": lot_id}).scalars())


def numbered(session: Session, lot: Lot, there: Sequence[stock.Lying] | None = None) -> rules.Numbered:
    """A lot as its numbers see it: what lies loose, for what is packed goes with its case; `there` where that is known."""
    loose = stock.places(session, lot.id) if there is None else stock.loose(there)
    return rules.Numbered(
        lot_no=lot.lot_no,
        uom=lot.uom,
        pack_size=lot.pack_size,
        there=sum((pick.quantity for pick in loose), Decimal(0)),
        here=frozenset(session.connection().execute(LOOSE, {"lot": lot.id}).scalars()),
        serialised=serialised(session, lot),
        status=LotStatus(lot.status),
    )


def serialised(session: Session, lot: Lot) -> bool:
    """Whether the item has a serial number on its label."""
    return session.get_one(Item, lot.item_id).serial_on_label


def find(session: Session, lot_id: int, serial_no: str) -> SerialUnit | None:
    """The unit of that lot with that number, wherever it is."""
    return session.exec(
        select(SerialUnit).where(SerialUnit.lot_id == lot_id, SerialUnit.serial_no == serial_no)
    ).first()


def leave(session: Session, lot: Lot, movements: Sequence[StockMovement], named: Iterable[str]) -> None:
    """These units left with these movements, each movement with as many as it has pieces."""
    left = list(named)
    for movement in movements:
        pieces = int(movement.quantity * lot.pack_size)
        taken, left = left[:pieces], left[pieces:]
        if taken:
            session.connection().execute(LEAVE, {"lot": lot.id, "movement": movement.id, "serials": taken})


def give_back(session: Session, lot: Lot, run_id: int, given: Decimal, taken: Decimal) -> None:
    """What an operation had used of a lot comes back; its numbers come back with all of it."""
    bound = session.connection().execute(USED, {"lot": lot.id, "run": run_id}).all()
    rules.check_given_back(lot.lot_no, [one.serial_no for one in bound], given, taken)
    if bound:
        session.connection().execute(COME_BACK, {"ids": [one.id for one in bound]})


def whereabouts(session: Session, lot_id: int) -> Sequence[Row[Any]]:
    """Every number of a lot with the one place that its piece is in."""
    return session.connection().execute(WHEREABOUTS, {"lot": lot_id}).all()


def register(session: Session, lot: Lot, named: Sequence[str]) -> None:
    """Give pieces of a lot their numbers; one number of an item is one piece, however it is spelled."""
    # who registers the same number for another lot of the item waits here, and reads ours
    session.exec(select(Item.id).where(Item.id == lot.item_id).with_for_update(key_share=True)).one()
    known = session.connection().execute(OF_ITEM, {"item": lot.item_id, "serials": list(named)}).first()
    if known is not None:
        raise rules.TAKEN(serial=known.serial_no, lot=known.lot_no)
    for one in named:
        refuse_whole(one)
    session.add_all(SerialUnit(serial_no=one, item_id=lot.item_id, lot_id=lot.id) for one in named)
    session.flush()


def alike(session: Session) -> list[tuple[str, ...]]:
    """Serial numbers of before that mean the same for one item, together: each group waits for a person's decision."""
    return [tuple(row.numbers) for row in session.connection().execute(FOLD_ALIKE)]
