"""A declared list that needs nothing of its own: heads, filters, views, a file, and rows of plain cells (SCREENS)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Session

from models.kernel.refusal import Refusal
from models.listing.acts import views
from models.listing.rules import Asked, Listed
from ui.frame.listing import ListPart, asked_of, href_of, part, with_views
from ui.frame.render import Nav
from ui.frame.status import Mark
from ui.frame.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in one column: words that may lead somewhere (a number in letters of one width), a badge, or an instant."""

    text: str = ""
    href: str = ""
    code: bool = False
    mark: Mark | None = None
    at: datetime | None = None
    beside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainList:
    """The page; a row has as many cells as the list has heads."""

    template: ClassVar[str] = "listing/plain.html"
    nav: ClassVar[Nav | None] = "quality"

    title: str
    list: ListPart
    rows: tuple[tuple[Cell, ...], ...]
    refusal: Refusal | None = None


Found = tuple[Sequence[Any], str | None]
"""Rows, and the cursor of the next page."""


def wanted(visit: Visit, read: Mapping[str, str | None] | None = None) -> Asked:
    """What the address asks for, numbers as they are `read` however they were typed or scanned."""
    asked = asked_of(visit.request.query_params)
    return replace(asked, filters={**asked.filters, **{key: said for key, said in (read or {}).items() if said}})


def page(
    visit: Visit,
    listed: Listed,
    find: Callable[[Session, Asked], Found],
    row: Callable[[Any], tuple[Cell, ...]],
    cursor: str,
    read: Mapping[str, str | None] | None = None,
) -> PlainList | str:
    """The page as its address asks for it, numbers as they are `read`; or the address of the view that the reader begins with."""
    asked, query = wanted(visit, read), visit.request.query_params
    refusal: Refusal | None = None
    rows: Sequence[Any] = ()
    following: str | None = None
    with visit.reading() as session:
        kept = views.of_list(session, visit.principal, listed.key)
        preset = next((one for one in kept if one.preset), None)
        if preset is not None and not query:
            return href_of(listed, preset)
        try:
            rows, following = find(session, asked)
        except Refusal as error:
            refusal = error
    drawn = part(visit.words, listed, asked, listed.page, {}, shown=len(rows), cursor=cursor, following=following)
    made = PlainList(
        title=listed.title.say(visit.language), list=drawn, rows=tuple(row(one) for one in rows), refusal=refusal
    )
    opened = query.get("view", "")[:40]
    return replace(made, list=with_views(visit.words, drawn, listed, {}, asked, kept, opened))
