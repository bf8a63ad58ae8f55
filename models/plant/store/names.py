"""What things of the plant are called, in both languages, and who may change that: whoever may make such a thing.

A change is an act with a reason, and the trail has both names.  What was signed or written under the name of before keeps it:
signed records are texts.  People have a door of their own, for a person confirms the own name (models.person.store.people).
"""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from models.equipment import tables as equipment_tables
from models.item.store import items
from models.partner import tables as partner_tables
from models.person.rules.roles import Permission
from models.place import tables as place_tables
from models.register.rules import UNKNOWN, Names, Register, check_rename


@dataclass(frozen=True)
class Named:
    """A register whose things have names; `permission` is the one that makes them."""

    register: Register
    permission: Permission


NAMED = {
    "items": Named(items.ITEMS, Permission.ITEM_WRITE),
    "suppliers": Named(partner_tables.SUPPLIERS, Permission.PARTNER_WRITE),
    "customers": Named(partner_tables.CUSTOMERS, Permission.PARTNER_WRITE),
    "places": Named(place_tables.PLACES, Permission.EQUIPMENT_WRITE),
    "equipment": Named(equipment_tables.EQUIPMENT, Permission.EQUIPMENT_WRITE),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NameView:
    """What the thing of that number is called."""

    number: str
    name: str
    name_en: str | None


def read(session: Session, key: str, number: str) -> NameView:
    """As it is now."""
    return _view(number, _row(session, key, number))


def rename(session: Session, key: str, number: str, was: Names, wanted: Names) -> NameView:
    """Other names from now on; of two who change them at once the later is told (MST-011)."""
    row = _row(session, key, number, lock=True)
    check_rename((row.name, row.name_en), was, wanted)
    row.name, row.name_en = wanted
    session.add(row)
    session.flush()
    return _view(number, row)


def _row(session: Session, key: str, number: str, *, lock: bool = False) -> Any:
    column = NAMED[key].register.number
    table: type[SQLModel] = column.class_
    query = select(table).where(col(column) == number)
    row = session.exec(query.with_for_update() if lock else query).first()
    if row is None:
        raise UNKNOWN(number=number[:80])
    return row


def _view(number: str, row: Any) -> NameView:
    return NameView(number=number, name=row.name, name_en=row.name_en)
