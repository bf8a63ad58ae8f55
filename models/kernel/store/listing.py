"""Lists that are declared: their columns, what they are sorted and narrowed by, and pages along a key (DESIGN 2.6; SCREENS).

A list says its columns once; the page, the API and every order of it follow from that.  Pages go on behind the last row's own
sort value and key, so rows that come or go meanwhile make none appear twice, and the hundredth page costs what the first does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy import TextClause, text
from sqlmodel import Session

from models.kernel.request import CURSOR, cursor, read_cursor
from models.kernel.text import Text
from models.kernel.time.moments import Zone, day_begins, day_ends

FilterKind = Literal["text", "choice", "days"]
SortType = Literal["text", "timestamptz"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column.  `sort` is its value in SQL, never null and of type `type`; empty where nobody sorts by it.

    `where` narrows by what was asked: `:<key>` of a text is a pattern for `ilike`, of a choice one of `choices`; days are between
    `:<key>_from` and `:<key>_until` (the instant after the last).
    """

    key: str
    title: Text
    sort: str = ""
    type: SortType = "text"
    filter: FilterKind | None = None
    where: str = ""
    choices: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A list: where its rows are picked (`source`, with `where`, by their key `id`), and what a page says of the picked ones.

    `shown` is a statement from `picked p`, which has `id` and `sort`; its rows keep both as `key` and `sort`.
    """

    key: str
    columns: tuple[Column, ...]
    source: str
    where: str
    id: str
    shown: str
    sort: str
    down: bool = False

    def column(self, key: str) -> Column | None:
        """The column of that name."""
        return next((one for one in self.columns if one.key == key), None)


@dataclass(frozen=True)
class Asked:
    """How somebody wants to see it: filters as they were typed, by column (of days `<column>_from` and `_until`), and the order."""

    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    down: bool = False


def order_of(listed: Listed, asked: Asked) -> tuple[Column, bool]:
    """The column that it is sorted by, and whether downwards; an order that the list doesn't have is its own one."""
    known = listed.column(asked.sort)
    if known is not None and known.sort:
        return known, asked.down
    own = listed.column(listed.sort)
    assert own is not None, f"the list {listed.key} has an order"  # noqa: S101 - a declaration
    return own, listed.down


def page(
    session: Session,
    listed: Listed,
    given: Mapping[str, Any],
    asked: Asked,
    zone: Zone,
    *,
    limit: int = 50,
    after: str | None = None,
) -> tuple[Sequence[Any], str | None]:
    """Rows of a page in one statement, and the cursor of the next.  API-440 for a cursor of another list or order.

    A filter that can't be read (a day that is none, an answer that the list doesn't know) finds nothing instead of everything.
    """
    column, down = order_of(listed, asked)
    where, values = _narrowed(listed, asked, zone)
    values |= {**given, "n": limit + 1}
    order = f"{listed.key}.{column.key}.{'down' if down else 'up'}"
    if after is not None:
        named, values["after_sort"], values["after_id"] = read_cursor(after, (str, str, int))
        if named != order:
            raise CURSOR()
        sign = "<" if down else ">"
        where += (
            f" and ({column.sort}, {listed.id}) {sign} (cast(:after_sort as {column.type}), cast(:after_id as bigint))"
        )
    rows = session.connection().execute(_statement(listed, column, where, down=down), values).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = cursor([order, last.sort.isoformat() if column.type == "timestamptz" else last.sort, last.key])
    return rows[:limit], following


def _statement(listed: Listed, column: Column, where: str, *, down: bool) -> TextClause:
    way = "desc" if down else "asc"
    return text(
        f"with picked as materialized (select {listed.id} as id, {column.sort} as sort from {listed.source}"  # noqa: S608 - declared
        f" where {listed.where}{where} order by {column.sort} {way}, {listed.id} {way} limit :n)"
        f" {listed.shown} order by p.sort {way}, p.id {way}"
    )


def _narrowed(listed: Listed, asked: Asked, zone: Zone) -> tuple[str, dict[str, Any]]:
    """The conditions for what was asked, and their values."""
    where, values = "", {}
    for column in listed.columns:
        for name in (f"{column.key}_from", f"{column.key}_until") if column.filter == "days" else (column.key,):
            said = asked.filters.get(name, "").strip()
            if column.filter is None or not said:
                continue
            value, condition = _asked(column, name, said, zone)
            if value is None:
                where += " and false"
                continue
            where += f" and {condition}"
            values[name] = value
    return where, values


def _asked(column: Column, name: str, said: str, zone: Zone) -> tuple[Any, str]:
    if column.filter == "choice":
        return (said if said in {key for key, _ in column.choices} else None), column.where
    if column.filter == "text":
        escaped = said[:200].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return (None if "\x00" in said else f"%{escaped}%"), column.where
    try:
        day = date.fromisoformat(said)
        value = day_begins(day, zone) if name.endswith("_from") else day_ends(day, zone)
    except (ValueError, OverflowError):
        return None, ""
    return value, f"{column.sort} {'>=' if name.endswith('_from') else '<'} :{name}"
