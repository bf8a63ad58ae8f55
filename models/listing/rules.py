"""Lists that are declared: their columns, what they are sorted and narrowed by, and what was asked of one (DESIGN 2.6; SCREENS).

A list says its columns once; the page, the API, the exported file and every order of it follow from that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from models.kernel.text import Text
from models.kernel.time.moments import Zone, stamp, told

FilterKind = Literal["text", "choice", "days", "exact", "search"]
SortType = Literal["text", "timestamptz", "bigint"]
YES_NO = Text("是", "yes"), Text("否", "no")
LONGEST_SAID = 60
"""Bytes of one filter in the name of a file; a file system takes 255 for all of it, and a Chinese character is three."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One column of the exported file: the value `key` of a row, as it is or as `say` puts it into the reader's language."""

    key: str
    title: Text
    say: Callable[[Any, str], str] | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column.  `sort` is its value in SQL, never null and of type `type`; empty where nobody sorts by it.

    `where` narrows by what was asked: `:<key>` of a text is a pattern for `ilike`, of a choice one of `choices`; days are between
    `:<key>_from` and `:<key>_until` (the instant after the last), of the instant `where` or, without one, of `sort`;
    what is asked for exactly is `:<key>`, and of a search the beginning
    of a key, as `read` makes it of what was typed.  `cells` are what a file holds of it, where that isn't the one value of its own
    name; a `hidden` one has no head on the page.
    """

    key: str
    title: Text
    sort: str = ""
    type: SortType = "text"
    filter: FilterKind | None = None
    where: str = ""
    choices: tuple[tuple[str, Text], ...] = ()
    cells: tuple[Cell, ...] | None = None
    read: Callable[[str], str] | None = None
    hidden: bool = False

    @property
    def in_file(self) -> tuple[Cell, ...]:
        """What a file holds of it; an answer out of a few is said in words."""
        return (
            self.cells
            if self.cells is not None
            else (Cell(key=self.key, title=self.title, say=self._chosen if self.choices else None),)
        )

    @property
    def filters(self) -> tuple[str, ...]:
        """Names of the values that narrow by it."""
        if self.filter is None:
            return ()
        return (f"{self.key}_from", f"{self.key}_until") if self.filter == "days" else (self.key,)

    def sought(self, said: str) -> str:
        """What a search looks for: as `read` makes it of what was typed."""
        return self.read(said.strip()) if self.read is not None and said.strip() else said.strip()

    def _chosen(self, value: Any, language: str) -> str:
        return next((title.say(language) for key, title in self.choices if key == value), str(value))


@dataclass(frozen=True, kw_only=True)
class Branch:
    """Rows found by one key of a search: in the order of `sort`, which is never null, where `where` holds."""

    sort: str
    where: str


def _as_it_is(row: Any) -> Any:
    return row


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A list on the page at the address `page`: where its rows are picked (`source`, with `where`, by their key `id`), and what a page says of the picked ones.

    `shown` is a statement from `picked p`, which has `id` and `sort`; its rows keep both as `key` and `sort`.  `given` are names of
    an address that narrow it beside its columns (the kind of subjects).  Where a filter has a certain value, rows are picked from
    another `sources` that has few.  What a search has found stands in the order of the keys it was found by (`branches`), each
    walked along its own index.  `view` makes of a row what pages and files read.
    """

    key: str
    page: str
    title: Text
    columns: tuple[Column, ...]
    source: str
    where: str
    id: str
    shown: str
    sort: str
    down: bool = False
    given: tuple[str, ...] = ()
    sources: tuple[tuple[str, str, str], ...] = ()
    branches: tuple[Branch, ...] = ()
    view: Callable[[Any], Any] = _as_it_is

    def column(self, key: str) -> Column | None:
        """The column of that name."""
        return next((one for one in self.columns if one.key == key), None)


_declared: dict[str, Listed] = {}


def declare(listed: Listed) -> Listed:
    """The list, known by its key from now on: what people keep of it is found again.  The same key twice is an error."""
    if _declared.setdefault(listed.key, listed) is not listed:
        message = f"the list {listed.key} is declared twice"
        raise ValueError(message)
    return listed


def declared(key: str) -> Listed | None:
    """The list of that key; None where there is none any more."""
    return _declared.get(key)


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


def searching(listed: Listed, asked: Asked) -> bool:
    """Whether rows stand in the order of what a search has found: nobody has asked for another order."""
    known = listed.column(asked.sort)
    said = any(one.sought(asked.filters.get(one.key, "")) for one in listed.columns if one.filter == "search")
    return bool(listed.branches) and said and (known is None or not known.sort)


def canonical(listed: Listed, given: Mapping[str, Any], asked: Asked) -> str:
    """What was asked as one text, the same for the same rows in the same order: what the list knows, by name, and the order.

    `given` is what narrows it beside its columns (the kind of subjects).
    """
    names = [name for column in listed.columns for name in column.filters]
    said = {name: asked.filters.get(name, "").strip() for name in names}
    said |= {name: str(value) for name, value in given.items() if value is not None}
    column, down = order_of(listed, asked)
    if order_of(listed, Asked()) != (column, down) or not searching(listed, asked):
        said["sort"] = f"{'-' if down else ''}{column.key}"
    return urlencode([(name, value) for name, value in sorted(said.items()) if value])


def heads(listed: Listed, language: str) -> tuple[str, ...]:
    """The first line of an exported file, in the reader's language."""
    return tuple(cell.title.say(language) for column in listed.columns for cell in column.in_file)


def cells(listed: Listed, row: Any, zone: Zone, language: str) -> tuple[str | int | Decimal, ...]:
    """A row of an exported file."""
    seen = listed.view(row)
    return tuple(
        _said(getattr(seen, cell.key), cell, zone, language) for column in listed.columns for cell in column.in_file
    )


def _said(value: Any, cell: Cell, zone: Zone, language: str) -> str | int | Decimal:
    """Instants on the plant's clock with its offset (ISO 8601), days and months as they are printed, numbers as numbers."""
    if value is None:
        return ""
    if cell.say is not None:
        return cell.say(value, language)
    if isinstance(value, bool):
        return YES_NO[0 if value else 1].say(language)
    if isinstance(value, Decimal):
        return value.normalize() if value else Decimal(0)  # 12 and not 12.000000, as on pages
    if isinstance(value, int):
        return value
    return told(value, zone) if isinstance(value, datetime) else str(value)


def file_name(listed: Listed, about: str, asked: Asked, who: str, at: datetime, zone: Zone, language: str) -> str:
    """What an exported file is called: which list of what, narrowed by what, when, and by whom; its ending isn't in it."""
    narrowed = [
        f"{column.title.say(language)}{_bound(name)}{_short(_answer(column, said, language))}"
        for column in listed.columns
        for name in column.filters
        if (said := asked.filters.get(name, "").strip())
    ]
    parts = [about or listed.title.say(language), *narrowed[:3], *(["…"] if len(narrowed) > 3 else [])]
    return " ".join((*parts, stamp(at, zone), who))


def _bound(name: str) -> str:
    return "≥" if name.endswith("_from") else "≤" if name.endswith("_until") else "="


def _answer(column: Column, said: str, language: str) -> str:
    return next((title.say(language) for key, title in column.choices if key == said), said)


def _short(said: str) -> str:
    kept = said.encode()[:LONGEST_SAID].decode(errors="ignore")
    return kept if kept == said else f"{kept}…"


def left_out(listed: Listed, query: str) -> tuple[dict[str, str], Asked, tuple[Text, ...]]:
    """A kept query as the list understands it today: what narrows it beside its columns, what is asked, and what it no longer knows.

    A column, filter or answer that has gone since is named and left out: a view that opens with fewer filters and says so is of
    use, an error is not.
    """
    known = {name: column for column in listed.columns for name in column.filters}
    beside: dict[str, str] = {}
    filters: dict[str, str] = {}
    gone: list[Text] = []
    sort = ""
    for name, said in parse_qsl(query):
        column = known.get(name)
        if name == "sort":
            sort = said
        elif name in listed.given:
            beside[name] = said
        elif column is None:
            gone.append(Text(f"{name}={said}", f"{name}={said}"))
        elif column.filter == "choice" and said not in {key for key, _ in column.choices}:
            gone.append(Text(f"{column.title.zh}={said}", f"{column.title.en}={said}"))
        else:
            filters[name] = said
    by = listed.column(sort.lstrip("-"))
    if sort and (by is None or not by.sort):
        gone.append(Text(f"排序={sort.lstrip('-')}", f"sort={sort.lstrip('-')}"))
        sort = ""
    return beside, Asked(filters, sort.lstrip("-"), sort.startswith("-")), tuple(gone)


def narrowed_by(listed: Listed, asked: Asked, language: str) -> tuple[str, ...]:
    """Each filter in words: `状态=逾期`."""
    return tuple(
        f"{column.title.say(language)}{_bound(name)}{_answer(column, said, language)}"
        for column in listed.columns
        for name in column.filters
        if (said := asked.filters.get(name, "").strip())
    )
