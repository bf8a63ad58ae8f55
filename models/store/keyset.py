"""Pages of a register, ordered by what is printed on its things: one statement per page, whatever stands before it."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, SQLModel, col, select

from models.rules.master import TAKEN, UNKNOWN
from models.rules.requests import cursor, read_cursor

T = TypeVar("T", bound=SQLModel)


def page(
    session: Session,
    table: type[T],
    number: Any,
    *,
    limit: int,
    after: str | None,
    search: str | None = None,
    columns: Sequence[Any] = (),
    where: Sequence[ColumnElement[bool]] = (),
) -> tuple[list[T], str | None]:
    """Rows in the order of `number`; `search` is looked for anywhere in `number` and `columns`."""
    query = select(table).where(*where).order_by(col(number)).limit(limit + 1)
    if after is not None:
        query = query.where(col(number) > read_cursor(after, (str,))[0])
    if search:
        query = query.where(or_(*(col(one).icontains(search, autoescape=True) for one in (number, *columns))))
    rows = list(session.exec(query).all())
    following = cursor([getattr(rows[limit - 1], number.key)]) if len(rows) > limit else None
    return rows[:limit], following


def find(session: Session, table: type[T], number: Any, text: str) -> T:
    """The row with that printed number."""
    row = session.exec(select(table).where(col(number) == text)).first()
    if row is None:
        raise UNKNOWN(number=text[:80])
    return row


def check_free(session: Session, table: type[SQLModel], number: Any, text: str) -> None:
    """Refuse a number that is taken; the unique key decides between two who come at once."""
    if session.exec(select(table).where(col(number) == text)).first() is not None:
        raise TAKEN(number=text[:80])
