"""Lists that are declared: their columns, what they are sorted and narrowed by, and what was asked of one (DESIGN 2.6; SCREENS).

A list says its columns once; the page, the API, the exported file and every order of it follow from that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode

from models.kernel.text import Text
from models.kernel.time.moments import Zone, stamp, told

FilterKind = Literal["text", "choice", "days"]
SortType = Literal["text", "timestamptz"]
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
    `:<key>_from` and `:<key>_until` (the instant after the last).  `cells` are what a file holds of it, where that isn't the one
    value of its own name.
    """

    key: str
    title: Text
    sort: str = ""
    type: SortType = "text"
    filter: FilterKind | None = None
    where: str = ""
    choices: tuple[tuple[str, Text], ...] = ()
    cells: tuple[Cell, ...] = ()

    @property
    def in_file(self) -> tuple[Cell, ...]:
        """What a file holds of it; an answer out of a few is said in words."""
        return self.cells or (Cell(key=self.key, title=self.title, say=self._chosen if self.choices else None),)

    @property
    def filters(self) -> tuple[str, ...]:
        """Names of the values that narrow by it."""
        if self.filter is None:
            return ()
        return (f"{self.key}_from", f"{self.key}_until") if self.filter == "days" else (self.key,)

    def _chosen(self, value: Any, language: str) -> str:
        return next((title.say(language) for key, title in self.choices if key == value), str(value))


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A list: where its rows are picked (`source`, with `where`, by their key `id`), and what a page says of the picked ones.

    `shown` is a statement from `picked p`, which has `id` and `sort`; its rows keep both as `key` and `sort`.
    """

    key: str
    title: Text
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


def canonical(listed: Listed, given: Mapping[str, Any], asked: Asked) -> str:
    """What was asked as one text, the same for the same rows in the same order: what the list knows, by name, and the order.

    `given` is what narrows it beside its columns (the kind of subjects).
    """
    names = [name for column in listed.columns for name in column.filters]
    said = {name: asked.filters.get(name, "").strip() for name in names}
    said |= {name: str(value) for name, value in given.items() if value is not None}
    column, down = order_of(listed, asked)
    said["sort"] = f"{'-' if down else ''}{column.key}"
    return urlencode([(name, value) for name, value in sorted(said.items()) if value])


def heads(listed: Listed, language: str) -> tuple[str, ...]:
    """The first line of an exported file, in the reader's language."""
    return tuple(cell.title.say(language) for column in listed.columns for cell in column.in_file)


def cells(listed: Listed, row: Any, zone: Zone, language: str) -> tuple[str | int | Decimal, ...]:
    """A row of an exported file."""
    return tuple(
        _said(getattr(row, cell.key), cell, zone, language) for column in listed.columns for cell in column.in_file
    )


def _said(value: Any, cell: Cell, zone: Zone, language: str) -> str | int | Decimal:
    """Instants on the plant's clock with its offset (ISO 8601), days and months as they are printed, numbers as numbers."""
    if value is None:
        return ""
    if cell.say is not None:
        return cell.say(value, language)
    if isinstance(value, bool):
        return YES_NO[0 if value else 1].say(language)
    if isinstance(value, datetime):
        return told(value, zone)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | Decimal) else str(value)


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
