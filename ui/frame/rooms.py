"""The rooms of the pages, beside those of the API (`api.frame.rooms`)."""

from functools import cache

from api.frame import rooms as api_rooms
from api.frame.doors import Door
from api.frame.rooms import Room, collect
from models.person.rules.roles import Permission

BESIDE = ("inbox", "task", "subject", "run", "fact", "option", "failure")
"""Rooms of pages that are no noun's."""


@cache
def rooms() -> tuple[Room, ...]:
    """Those of the pages."""
    return collect("ui", BESIDE)


@cache
def doors() -> dict[str, Door | Permission]:
    """What opens each route of the API and each page."""
    return api_rooms.doors((*api_rooms.rooms(), *rooms()))
