"""Shorthand for lots whose pieces have numbers, and where the record says that each number is."""

from typing import Any
from uuid import uuid4

from sqlmodel import select

from models.item.tables import Item
from models.kernel.store.act import act
from models.stock.messages import RegisterSerials
from tests.support.plant.plant import SETUP, Plant

WHERE = """
select u.serial_no, l.lot_no,
       (select count(*) from shipment_line s where s.serial_unit_id = u.id and s.quantity > s.returned)
       + (u.left_by_id is not null)::int + (u.installed_in_id is not null)::int as gone,
       (select count(*) from packed_content c where c.serial_unit_id = u.id and c.unpacked_at is null
           and c.shipment_line_id is null) as packed
  from serial_unit u join lot l on l.id = u.lot_id where u.serial_no like :like
"""
MORE_NUMBERS_THAN_PIECES = """
select count(*) from lot l
 where (select count(*) from serial_unit u where u.lot_id = l.id and serial_is_here(u))
       > l.pack_size * coalesce((select sum(s.quantity) from stock s where s.lot_id = l.id), 0)
"""


def registering(plant: Plant, lot_no: str, *serials: str, by: str = "wang.cao") -> RegisterSerials:
    return RegisterSerials(command_id=str(uuid4()), by=plant.by(by), lot_no=lot_no, serials=serials)


def by_number_only(plant: Plant, item_no: str = "HIP-12", *, serialised: bool = True) -> None:
    """The item has a serial number on its label from now on, or none."""
    with act(plant.engine, SETUP) as session:
        item = session.exec(select(Item).where(Item.item_no == item_no)).one()
        item.serial_on_label = serialised
        session.add(item)


def in_stock(plant: Plant, lot_no: str) -> Any:
    return plant.scalar(
        "select coalesce(sum(s.quantity), 0) from stock s join lot l on l.id = s.lot_id where l.lot_no = :lot",
        lot=lot_no,
    )


def by_weight(plant: Plant, *item_nos: str) -> None:
    """Items that are weighed instead of counted, so that any part of them may be taken."""
    with act(plant.engine, SETUP) as session:
        for number in item_nos or ("HIP-12", "PEEK-20"):
            item = session.exec(select(Item).where(Item.item_no == number)).one()
            item.uom = "kg"
            session.add(item)
