"""Which row a number means, however it is typed: the one that has exactly this number, else the only one that folds to it.

No two rows are merged: where several fold alike and none is exactly what was typed, somebody names one of them (TRC-003).
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import column, func, table
from sqlmodel import Session, col, select

from models.identifier.rules.identity import identity_key, near_key
from models.identifier.rules.scanned_field import NEAR
from models.register.rules import SEVERAL, Register

MOST = 20
NEAREST = 5
LOT = table("lot", column("item_id"), column("lot_no"))


def exists(session: Session, register: Register, number: str) -> bool:
    """Whether the register has exactly this number."""
    return session.exec(select(register.number).where(col(register.number) == number)).first() is not None


def meant(session: Session, register: Register, number: str, lot_no: str | None = None) -> str | None:
    """The number as the register keeps it; None where it has none; TRC-003 where it has several and none of them exactly.

    What the register has not may be meant otherwise (an item by its identifiers); a serial number is meant within the item of the batch `lot_no`, where that is known.
    """
    same = col(register.number) == number
    query = _within(register, lot_no).where(func.identity_key(col(register.number)) == identity_key(number))
    if register.near is not None:
        query = query.where(col(register.near) == near_key(number))
    found = session.exec(query.order_by(same.desc(), col(register.number)).limit(MOST)).all() if number else []
    if not found and register.otherwise is not None:
        return register.otherwise(session, number)
    if len(found) > 1 and found[0] != number:
        zh, en = "、".join(found), ", ".join(found)
        raise SEVERAL(text=number[:80], count=len(found), meanings_zh=zh, meanings_en=en, lot=number)
    return found[0] if found else None


def all_meant(
    session: Session, register: Register, typed: Collection[str], lot_no: str | None = None
) -> dict[str, str]:
    """What each of these numbers means, those that the register knows; one statement where all are exactly its own."""
    wanted = sorted(set(typed))
    exact = session.exec(_within(register, lot_no).where(col(register.number).in_(wanted))).all()
    known = dict(zip(exact, exact, strict=True))
    found = {one: known.get(one) or meant(session, register, one, lot_no) for one in wanted}
    return {one: number for one, number in found.items() if number is not None}


def check_near(session: Session, register: Register, number: str, lot_no: str | None = None) -> None:
    """ID-033 for an unknown number to which others are near: they are named, and none of them is taken for it."""
    key = near_key(number)
    if not key:
        return
    column = func.near_key(col(register.number)) if register.near is None else col(register.near)
    query = _within(register, lot_no).where(column == key).order_by(col(register.number))
    found = session.exec(query.limit(NEAREST)).all()
    if found:
        # `lot`: a form says it at the line where the number stands
        raise NEAR(text=number[:80], near_zh="、".join(found), near_en=", ".join(found), lot=number)


def _within(register: Register, lot_no: str | None) -> Any:
    """The numbers of the register, each once."""
    query: Any = select(register.number).group_by(col(register.number))
    if register.item is None or lot_no is None:
        return query
    item = select(LOT.c.item_id).where(LOT.c.lot_no == lot_no).scalar_subquery()
    return query.where(col(register.item) == item)
