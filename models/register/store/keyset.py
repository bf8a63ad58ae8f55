"""Pages of a register, ordered by what is printed on its things: one statement per page, whatever stands before it."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func
from sqlalchemy import text as sql
from sqlmodel import Session, SQLModel, col, select

from models.identifier.rules.scanned_field import Asked
from models.kernel.request import cursor, read_cursor
from models.register.rules import UNKNOWN
from models.register.rules import check_free as check
from models.register.store.searching import matching, sought

T = TypeVar("T", bound=SQLModel)
NUMBERED = (
    ("item", "item_no"),
    ("supplier", "supplier_no"),
    ("customer", "customer_no"),
    ("equipment", "equipment_no"),
    ("location", "code"),
    ("work_order", "work_order_no"),
    ("shipment", "shipment_no"),
    ("recall", "recall_no"),
)
ALIKE = sql(
    " union all ".join(
        f"select array_agg({number} order by id) as numbers from {table}"  # noqa: S608 - our own names
        f" where identity_key({number}) <> '' group by identity_key({number}) having count(*) > 1"
        for table, number in NUMBERED
    )
)


def page(
    session: Session,
    table: type[T],
    number: Any,
    *,
    limit: int,
    after: str | None,
    search: str | None = None,
    asked: Asked = Asked.NUMBER,
    numbers: Sequence[str] = (),
    names: Sequence[str] = ("name", "name_en"),
    also: Sequence[str] = (),
    where: Sequence[ColumnElement[bool]] = (),
) -> tuple[list[T], str | None]:
    """Rows in the order of `number`; `search` is looked for anywhere in it, in other `numbers`, in `names`, and by `also`.

    `asked` is what a label that is scanned into the search is read for.
    """
    query = select(table).where(*where).order_by(col(number)).limit(limit + 1)
    if after is not None:
        query = query.where(col(number) > read_cursor(after, (str,))[0])
    if search:
        condition = matching([f"{table.__tablename__}.{one}" for one in (number.key, *numbers)], names)
        condition = " or ".join([condition, *also])
        query = query.where(sql(f"({condition})").bindparams(**sought(search, asked)))
    rows = list(session.exec(query).all())
    following = cursor([getattr(rows[limit - 1], number.key)]) if len(rows) > limit else None
    return rows[:limit], following


def find(session: Session, table: type[T], number: Any, text: str) -> T:
    """The row with that printed number."""
    row = session.exec(select(table).where(col(number) == text)).first()
    if row is None:
        raise UNKNOWN(number=text[:80])
    return row


def meant(session: Session, number: Any, text: str) -> str | None:
    """The number there is that means the same: that very one, else one that is only spelled otherwise."""
    same = col(number) == text
    query = select(number).where(func.identity_key(col(number)) == func.identity_key(text)).order_by(same.desc())
    found: str | None = session.exec(query.limit(1)).first()
    return found


def check_free(session: Session, number: Any, text: str) -> None:
    """Refuse a number that means the same as one there is; the wall decides between two who come at once."""
    check(text, meant(session, number, text))


def alike(session: Session) -> list[tuple[str, ...]]:
    """Numbers of master data of before that fold alike, together: each group waits for a person's decision."""
    return [tuple(row.numbers) for row in session.connection().execute(ALIKE)]
