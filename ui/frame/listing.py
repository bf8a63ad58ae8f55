"""A declared list on a page: heads that sort, fields that narrow, and addresses that say both, to be kept and shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode

from models.listing.acts.views import View
from models.listing.rules import Asked, Listed, canonical, left_out, narrowed_by, order_of, searching
from models.process import kinds
from ui.frame.i18n import Words
from ui.frame.parts import Option, Pager

FIELDS = frozenset({"sort", "cursor", "view"})
"""Names in an address that are no filter."""
AT_ONCE = 50
ALL = "all"
"""Instead of a view: the list as it is by itself, also for who begins with a view of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A head of a column; `href` sorts by it, the other way round where it is sorted by it already (`sorted`)."""

    label: str
    href: str = ""
    sorted: Literal["", "ascending", "descending"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterField:
    """What may be typed or chosen to narrow the list."""

    name: str
    label: str
    kind: Literal["text", "choice", "date"]
    value: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewLink:
    """A kept view; `change_href` for its owner only."""

    name: str
    href: str
    opened: bool = False
    change_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPart:
    """What a page draws around the rows of a declared list; `kept` goes along with the filters' form."""

    here: str
    heads: tuple[Head, ...]
    fields: tuple[FilterField, ...]
    kept: tuple[tuple[str, str], ...]
    pager: Pager
    narrowed: bool
    export_href: str
    all_href: str
    views: tuple[ViewLink, ...] = ()
    keep_href: str = ""
    left_out: str = ""


def asked_of(query: Mapping[str, str]) -> Asked:
    """What the address asks for: `sort=opened` is upwards, `sort=-opened` downwards."""
    sort = query.get("sort", "")
    return Asked(
        {key: value[:200] for key, value in query.items() if key not in FIELDS}, sort.lstrip("-"), sort.startswith("-")
    )


def part(
    words: Words,
    listed: Listed,
    asked: Asked,
    here: str,
    kept: Mapping[str, str],
    *,
    shown: int,
    cursor: str,
    following: str | None,
) -> ListPart:
    """Heads, filters and pager of the list; `kept` are other parts of its address."""
    column, down = order_of(listed, asked)
    names = [name for one in listed.columns for name in one.filters]
    filters = {name: asked.filters[name] for name in names if asked.filters.get(name)}
    order = {"sort": f"{'-' if asked.down else ''}{asked.sort}"} if asked.sort else {}

    def address(place: str = here, /, **more: str) -> str:
        query = {**kept, **filters, **order, **more}
        said = urlencode({key: value for key, value in query.items() if value})
        return f"{place}?{said}" if said else place

    heads = []
    for one in (one for one in listed.columns if not one.hidden):
        mine = one.key == column.key and not searching(listed, asked)
        way = f"{'' if down else '-'}{one.key}" if mine else one.key
        heads.append(
            Head(
                label=one.title.say(words.language),
                href=address(sort=way) if one.sort else "",
                sorted=("descending" if down else "ascending") if mine else "",
            )
        )
    return ListPart(
        here=here,
        heads=tuple(heads),
        fields=tuple(_field(words, listed, name, asked) for name in names),
        kept=tuple((key, value) for key, value in {**kept, **order}.items() if value),
        pager=Pager(
            shown=shown,
            next_href=address(cursor=following) if following else None,
            first_href=address() if cursor else None,
        ),
        narrowed=bool(filters),
        export_href=address(f"{here}.csv"),
        all_href=f"{here}?{urlencode({**{key: value for key, value in kept.items() if value}, 'view': ALL})}",
    )


def with_views(
    words: Words,
    drawn: ListPart,
    listed: Listed,
    given: Mapping[str, Any],
    asked: Asked,
    found: Sequence[View],
    opened: str,
) -> ListPart:
    """The same with the views that the reader has of it; of the one that is `opened` it says what the list no longer knows."""
    here = next((one for one in found if str(one.id) == opened), None)
    gone = words("list.comma").join(one.say(words.language) for one in here.left_out) if here is not None else ""
    return replace(
        drawn,
        views=tuple(
            ViewLink(
                name=one.name if one.mine else words("listing.of", name=one.name, who=one.owner),
                href=href_of(listed, one),
                opened=one is here,
                change_href=f"/views/{one.id}" if one.mine else "",
            )
            for one in found
        ),
        keep_href=f"/views/new?{urlencode({'list': listed.key, 'query': canonical(listed, given, asked)})}",
        left_out=words("listing.left_out", name=here.name, what=gone) if here is not None and gone else "",
    )


def href_of(listed: Listed, view: View) -> str:
    """Where a kept view is read: with what its list still knows of it."""
    beside, asked, _ = left_out(listed, view.query)
    return f"{listed.page}?{canonical(listed, beside, asked)}&view={view.id}"


def said_of(words: Words, listed: Listed, query: str) -> str:
    """What a query asks for, in words."""
    beside, asked, _ = left_out(listed, query)
    column, down = order_of(listed, asked)
    order = words(f"listing.sorted_{'down' if down else 'up'}", what=column.title.say(words.language))
    narrowed = narrowed_by(listed, asked, words.language)
    return words("list.comma").join((*_beside(words, beside), *narrowed, order))


def _beside(words: Words, beside: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(kinds.title(said).say(words.language) if name == "kind" else said for name, said in beside.items())


def _field(words: Words, listed: Listed, name: str, asked: Asked) -> FilterField:
    column = listed.column(name) or listed.column(name.rsplit("_", 1)[0])
    assert column is not None  # noqa: S101 - the name is made of it
    label = column.title.say(words.language)
    if column.filter == "days":
        label = words("list.from" if name.endswith("_from") else "list.until", what=label)
    return FilterField(
        name=name,
        label=label,
        kind="date" if column.filter == "days" else "choice" if column.filter == "choice" else "text",
        value=asked.filters.get(name, ""),
        options=tuple(Option(value=key, label=said.say(words.language)) for key, said in column.choices),
    )
