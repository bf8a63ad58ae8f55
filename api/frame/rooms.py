"""The rooms of the API and of the pages: each says its routers and what opens its routes, and nothing else lists them (DESIGN 3).

A room has its noun's name: a module, or a package with `routes`, with `ROUTERS` and `DOORS` in it.  It is found by
`models.nouns`, so a new noun is its room and its word there.  A route without a door, a door without a route, either of them
twice, or a folder that is no noun's room: with any of them nothing starts.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from fastapi import APIRouter
from fastapi.routing import APIRoute

from api.frame.doors import Door, Doors, name
from models.nouns import NOUNS
from models.person.rules.roles import Permission

BESIDE = ("readiness",)
"""Rooms of the API that are no noun's."""
FRAME = "frame"
_PART = re.compile(r"\{\w+(:path)?\}")


@dataclass(frozen=True)
class Room:
    """What a noun says of its routes."""

    name: str
    routers: tuple[APIRouter, ...]
    said: Doors

    def routes(self) -> Iterator[APIRoute]:
        """Every route."""
        for router in self.routers:
            yield from (one for one in router.routes if isinstance(one, APIRoute))

    def doors(self) -> dict[str, Door | Permission]:
        """What opens each of them, once it is sure that they are the same, each once."""
        routes = Counter(named for route in self.routes() for named in names(route))
        said = [(line.strip(), door) for door, lines in self.said.items() for line in lines.split("\n") if line.strip()]
        doors = Counter(named for named, _ in said)
        wrong = {
            "routes without a door": {*routes} - {*doors},
            "doors without a route": {*doors} - {*routes},
            "twice": {named for named, count in (*routes.items(), *doors.items()) if count > 1},
        }
        _refuse(self.name, wrong)
        return dict(said)


def names(route: APIRoute) -> Iterator[str]:
    """What its doors are called, one for each method."""
    yield from (name(method, route.path) for method in route.methods or ())


@cache
def rooms() -> tuple[Room, ...]:
    """Those of the API."""
    return collect("api", BESIDE)


def collect(side: str, beside: tuple[str, ...]) -> tuple[Room, ...]:
    """The rooms in a folder, in the order of the nouns; those `beside` come after them."""
    there = {one.name for one in iter_modules(import_module(side).__path__)} - {FRAME}
    _refuse(side, {"rooms of no noun": there - {*NOUNS, *beside}, "no rooms": {*beside} - there})
    return tuple(
        Room(where, module.ROUTERS, module.DOORS)
        for noun in (*NOUNS, *beside)
        if noun in there and (where := _where(f"{side}.{noun}"))
        for module in [import_module(where)]
    )


def _where(room: str) -> str | None:
    """The module that says it; None for a room without routes, whose parts stand on other rooms' pages."""
    found = find_spec(room)
    if found is None or found.submodule_search_locations is None:
        return room
    routes = f"{room}.routes"
    return routes if find_spec(routes) is not None else None


def doors(among: Iterable[Room]) -> dict[str, Door | Permission]:
    """What opens each route of all these rooms."""
    found: dict[str, Door | Permission] = {}
    for room in among:
        own = room.doors()
        _refuse(room.name, {"another room's": {*own} & {*found}})
        found |= own
    return found


def routes(among: Iterable[Room]) -> list[APIRoute]:
    """All routes of these rooms as they are tried.

    An application takes them as they are: FastAPI's `include_router` would work each of them out a second time, half a second
    of every start, and look twice for the one that a request is for.
    """
    return sorted((route for room in among for route in room.routes()), key=lambda one: first(one.path))


def first(path: str) -> tuple[int, int, int, str]:
    """By what routes are tried: one whose addresses are all another's too comes before it, in whatever room either stands.

    Numbers may hold strokes (`{number:path}`), so several routes can catch one address.  If all that one catches is caught by
    another, then it has at least as many strokes of its own; with as many, no more parts that may hold strokes; with as many of
    those, no fewer letters of its own.  Where neither holds all of the other's, the number is thereby taken as short as can be.
    A stroke that is sent as %2F is always the number's (`api.frame.request.slashes`).
    """
    own = _PART.sub("", path)
    return -own.count("/"), path.count(":path}"), -len(own), path


def _refuse(where: str, wrong: dict[str, set[str]]) -> None:
    found = "; ".join(f"{what}: {sorted(which)}" for what, which in wrong.items() if which)
    if found:
        message = f"{where}: {found}"
        raise RuntimeError(message)
