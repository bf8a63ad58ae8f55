"""Rows of a declared list: a page of them along a key, or all of them one after another (DESIGN 2.6).

Pages go on behind the last row's own sort value and key, so rows that come or go meanwhile make none appear twice, and the
hundredth page costs what the first does.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlmodel import Session

from models.kernel.request import CURSOR, cursor, read_cursor
from models.kernel.time.moments import Zone, day_begins, day_ends
from models.listing.rules import Asked, Column, Listed, order_of, searching

AT_ONCE = 1_000
"""Rows of a whole list that are in memory at a time."""


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
    if searching(listed, asked):
        return _found(session, listed, given, asked, zone, limit, after)
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
    rows = session.connection().execute(_statement(listed, asked, where), values).all()
    return rows[:limit], _next(rows, limit, order)


def _next(rows: Sequence[Any], limit: int, order: str) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return cursor([order, last.sort.isoformat() if isinstance(last.sort, datetime) else str(last.sort), last.key])


def _found(
    session: Session, listed: Listed, given: Mapping[str, Any], asked: Asked, zone: Zone, limit: int, after: str | None
) -> tuple[Sequence[Any], str | None]:
    """A page of what a search has found; each key goes on behind the last row by itself."""
    values: dict[str, Any] = {**given, "n": limit + 1}
    order, behind = f"{listed.key}.found", ""
    if after is not None:
        named, values["after_sort"], values["after_id"] = read_cursor(after, (str, str, int))
        if named != order:
            raise CURSOR()
        behind = f" and ({{sort}}, {listed.id}) > (:after_sort, cast(:after_id as bigint))"
    statement, more = _searched(listed, asked, zone, behind, " limit :n")
    rows = session.connection().execute(statement, {**values, **more}).all()
    return rows[:limit], _next(rows, limit, order)


def _searched(listed: Listed, asked: Asked, zone: Zone, behind: str, limit: str) -> tuple[TextClause, dict[str, Any]]:
    where, values = _narrowed(listed, asked, zone, search=False)
    source = _source(listed, asked)
    parts = " union all ".join(
        f"(select {listed.id} as id, {one.sort} as sort from {source} where {listed.where} and {one.where}{where}"  # noqa: S608 - declared
        f"{behind.format(sort=one.sort)} order by {one.sort}, {listed.id}{limit})"
        for one in listed.branches
    )
    picked = f"select * from ({parts}) u order by sort, id{limit}"  # noqa: S608 - declared
    return text(f"with picked as materialized ({picked}) {listed.shown} order by p.sort, p.id"), values


def every(session: Session, listed: Listed, given: Mapping[str, Any], asked: Asked, zone: Zone) -> Iterator[Any]:
    """All rows in the order of the pages, in one statement whose answer stays in the database until it is asked for."""
    if searching(listed, asked):
        statement, values = _searched(listed, asked, zone, "", "")
    else:
        where, values = _narrowed(listed, asked, zone)
        statement = _statement(listed, asked, where, limit="")
    piecemeal = {"stream_results": True, "yield_per": AT_ONCE}
    with session.connection().execute(statement, {**values, **given}, execution_options=piecemeal) as found:
        yield from found


def _source(listed: Listed, asked: Asked) -> str:
    """Where rows are picked: the few that a filter leaves, where the list says so."""
    fitting = (one for name, value, one in listed.sources if asked.filters.get(name, "").strip() == value)
    return next(fitting, listed.source)


def _statement(listed: Listed, asked: Asked, where: str, limit: str = " limit :n") -> TextClause:
    column, down = order_of(listed, asked)
    way = "desc" if down else "asc"
    return text(
        f"with picked as materialized (select {listed.id} as id, {column.sort} as sort from {_source(listed, asked)}"  # noqa: S608 - declared
        f" where {listed.where}{where} order by {column.sort} {way}, {listed.id} {way}{limit})"
        f" {listed.shown} order by p.sort {way}, p.id {way}"
    )


def _narrowed(listed: Listed, asked: Asked, zone: Zone, *, search: bool = True) -> tuple[str, dict[str, Any]]:
    """The conditions for what was asked, and their values."""
    where = ""
    values: dict[str, Any] = {}
    for column in listed.columns:
        for name in column.filters:
            said = asked.filters.get(name, "").strip()
            if not said:
                continue
            value, condition = _asked(column, name, said, zone)
            if column.filter == "search" and (value == "%" or not search):
                values |= {name: value} if value != "%" else {}
                continue  # nothing to look for, or it is looked for along each key by itself
            if value is None:
                where += " and false"
                continue
            where += f" and {condition}"
            values[name] = value
    return where, values


def _asked(column: Column, name: str, said: str, zone: Zone) -> tuple[Any, str]:
    if column.filter == "choice":
        return (said if said in {key for key, _ in column.choices} else None), column.where
    if column.filter == "exact":
        return (None if "\x00" in said else said[:500]), column.where
    if column.filter == "search":
        return column.sought(said).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%", column.where
    if column.filter == "text":
        escaped = said[:200].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return (None if "\x00" in said else f"%{escaped}%"), column.where
    try:
        day = date.fromisoformat(said)
        value = day_begins(day, zone) if name.endswith("_from") else day_ends(day, zone)
    except (ValueError, OverflowError):
        return None, ""
    return value, f"{column.where or column.sort} {'>=' if name.endswith('_from') else '<'} :{name}"
