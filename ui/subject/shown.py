"""What a noun adds to the page of its subjects: the page of its own that it has, and a panel (DESIGN 6a).

A noun declares it in `ui/<noun>/subject.py`: `SHOWN`, by the kind of subject.  Most declare nothing.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from uuid import UUID

from markupsafe import Markup
from sqlmodel import Session

from models.nouns import NOUNS
from models.person.rules.roles import Permission
from models.process import kinds
from ui.frame.i18n import Words
from ui.frame.parts import Fact, Link
from ui.frame.status import Mark

May = Callable[[Permission], bool]
"""Whether whoever looks may do that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What only its noun knows of it; `mark` is its own state, where it has one beside that of its runs, `links` lead on from it.

    `picture` is drawn above all else, as wide as the page, with what it says below it (`caption`).
    """

    title: str
    facts: tuple[Fact, ...]
    mark: Mark | None = None
    timeline: tuple["Happened", ...] = ()
    alike: tuple["AlikeLine", ...] = ()
    links: tuple[Link, ...] = ()
    picture: Markup | None = None
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What became true or was done: when, what, by whom."""

    at: datetime
    what: str
    who: str = ""
    detail: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeLine:
    """Another matter that has something in common with it, and where somebody says that it is alike; empty where somebody has."""

    kind: str
    subject: Link
    title: str
    because: str
    confirmed: bool = False
    confirm_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`own` is the address of its own page, by its number; `panel` reads what only its noun knows, by the key of the subject."""

    own: Callable[[str], str] | None = None
    panel: Callable[[Words, Session, int, May], Panel] | None = None


NOTHING = Shown()


@functools.cache
def declared() -> Mapping[str, Shown]:
    """What the nouns have declared, by kind of subject.  Asked late: their pages lead back here."""
    found: dict[str, Shown] = {}
    for noun in NOUNS:
        if find_spec(f"ui.{noun}") and find_spec(f"ui.{noun}.subject"):
            for kind, shown in import_module(f"ui.{noun}.subject").SHOWN.items():
                found[kind] = _both(found[kind], shown) if kind in found else shown
    return found


def _both(one: Shown, other: Shown) -> Shown:
    """What two nouns say of one kind, in one panel: the later noun's state where it has one, for it knows the earlier."""

    def panel(words: Words, session: Session, key: int, may: May) -> Panel:
        first, second = (each.panel(words, session, key, may) for each in (one, other) if each.panel is not None)
        return replace(
            first,
            title=f"{first.title} · {second.title}",
            facts=first.facts + second.facts,
            mark=second.mark or first.mark,
            links=first.links + second.links,
        )

    if one.panel is None or other.panel is None:
        return Shown(own=one.own or other.own, panel=one.panel or other.panel)
    return Shown(own=one.own or other.own, panel=panel)


def of(kind: str) -> Shown:
    """What is declared for the kind."""
    return declared().get(kind, NOTHING)


def href(kind: str, number: str, key: UUID | None) -> str:
    """Where it is shown: on a page of its own where its noun has one, else on that of any subject."""
    own = of(kind).own
    return own(number) if own is not None else f"/subjects/{key}" if key is not None else ""


def kind_name(words: Words, kind: str) -> str:
    """What things of the kind are called: as its noun declares it, else as the catalogue says."""
    return kinds.title(kind).say(words.language)
