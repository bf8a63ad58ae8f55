"""Which row a number means, however it is typed: the one that has exactly this number, else the only one that folds to it.

No two rows are merged: where several fold alike and none is exactly what was typed, somebody names one of them (TRC-003).
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.rules.identity import identity_key, near_key
from models.rules.resolve import SEVERAL
from models.store import items
from models.tables.equipment import Equipment, Location
from models.tables.items import Item
from models.tables.lots import Lot
from models.tables.packing import LogisticUnit
from models.tables.partners import Customer, Supplier
from models.tables.production import WorkOrder
from models.tables.recalls import Recall
from models.tables.shipments import Shipment

MOST = 20


@dataclass(frozen=True)
class Register:
    """A column of numbers; `near` is the one that keeps the number without its separators, where there is one."""

    number: Any
    near: Any = None


LOTS = Register(Lot.lot_no, Lot.lot_key)
UNITS = Register(LogisticUnit.unit_no, LogisticUnit.unit_key)
ITEMS = Register(Item.item_no)
SUPPLIERS = Register(Supplier.supplier_no)
CUSTOMERS = Register(Customer.customer_no)
EQUIPMENT = Register(Equipment.equipment_no)
PLACES = Register(Location.code)
ORDERS = Register(WorkOrder.work_order_no)
SHIPMENTS = Register(Shipment.shipment_no)
RECALLS = Register(Recall.recall_no)


def exists(session: Session, register: Register, number: str) -> bool:
    """Whether the register has exactly this number."""
    return session.exec(select(register.number).where(col(register.number) == number)).first() is not None


def meant(session: Session, register: Register, number: str) -> str | None:
    """The number as the register keeps it; None where it has none; TRC-003 where it has several and none of them exactly.

    An item is meant by its identifiers, too.
    """
    same = col(register.number) == number
    query = select(register.number).where(func.identity_key(col(register.number)) == identity_key(number))
    if register.near is not None:
        query = query.where(col(register.near) == near_key(number))
    found = session.exec(query.order_by(same.desc(), col(register.number)).limit(MOST)).all() if number else []
    if not found and register is ITEMS:
        item = items.meant(session, number)
        return item.item_no if item else None
    if len(found) > 1 and found[0] != number:
        zh, en = "、".join(found), ", ".join(found)
        raise SEVERAL(text=number[:80], count=len(found), meanings_zh=zh, meanings_en=en)
    return found[0] if found else None
