"""Which route catches an address doesn't hang on the order of the nouns: the one that says most of it (REQ 19; 21 CFR 11.10(g)).

A number may hold strokes, so `/lots/{lot_no:path}` catches `/lots/receive` and `/lots/A/links` too, if it is asked first.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

import pytest
from fastapi.routing import APIRoute

import ui.frame.rooms
from api.frame import rooms
from api.frame.request.slashes import STROKE

ALL = (*rooms.rooms(), *ui.frame.rooms.rooms())
PART = re.compile(r"(\{\w+(?::path)?\})")
OTHER = "\N{SNOWMAN}"
"""Some character that stands in no address of ours."""

Place = tuple[int, bool]
"""Before which piece of an address one stands, and whether that piece has begun."""


def tried(among: Iterable[rooms.Room]) -> list[tuple[str, str, APIRoute]]:
    """Method, whole address and route, in the order in which the application tries them."""
    return [(method, route.path, route) for route in rooms.routes(among) for method in sorted(route.methods or ())]


TRIED = [*tried(rooms.rooms()), *tried(ui.frame.rooms.rooms())]


@cache
def pieces(path: str) -> tuple[str, ...]:
    """Letters, `*` for a part without a stroke, `**` for one that may hold strokes or be nothing."""
    found: list[str] = []
    for part in PART.split(path):
        found += ["**" if ":path" in part else "*"] if part.startswith("{") else part
    return tuple(found)


def onward(path: tuple[str, ...], places: Iterable[Place]) -> frozenset[Place]:
    """These and where one stands as well, because the piece before may be over."""
    found, left = set(places), [*places]
    while left:
        at, begun = left.pop()
        if at < len(path) and (path[at] == "**" or (path[at] == "*" and begun)):
            found.add((at + 1, False))
            left.append((at + 1, False))
    return frozenset(found)


def after(path: tuple[str, ...], places: frozenset[Place], letter: str) -> frozenset[Place]:
    """Where one stands after another letter."""
    found: set[Place] = set()
    for at, _ in places:
        piece = path[at] if at < len(path) else ""
        if piece == "**":
            found.add((at, False))
        elif piece == "*" and letter != "/":
            found.add((at, True))
        elif piece == letter:
            found.add((at + 1, False))
    return onward(path, found)


def caught(one: str, other: str) -> set[tuple[bool, bool]]:
    """By which of two routes addresses are caught: `(True, True)` is in it if some are caught by both, and so on; exact."""
    first, second = pieces(one), pieces(other)
    letters = {piece for piece in first + second if "*" not in piece} | {"/", OTHER}
    begin = (onward(first, [(0, False)]), onward(second, [(0, False)]))
    seen, left = {begin}, [begin]
    found: set[tuple[bool, bool]] = set()
    while left:
        here, there = left.pop()
        found.add(((len(first), False) in here, (len(second), False) in there))
        for letter in letters:
            step = (after(first, here, letter), after(second, there, letter))
            if (step[0] or step[1]) and step not in seen:
                seen.add(step)
                left.append(step)
    return found


def both(one: str, other: str) -> bool:
    """Whether two addresses can be the same at all, as far as their own beginnings say."""
    begin, begun = one.partition("{")[0], other.partition("{")[0]
    return begin.startswith(begun) or begun.startswith(begin)


def pairs() -> Iterator[tuple[str, str, set[tuple[bool, bool]]]]:
    """Each two routes of a method that both catch some address, the one that is tried first before the other."""
    for at, (method, path, _) in enumerate(TRIED):
        for other_method, other, _ in TRIED[at + 1 :]:
            if method == other_method and both(path, other) and (True, True) in (found := caught(path, other)):
                yield path, other, found


PAIRS = [*pairs()]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("/lots/receive", "/lots/{no:path}", {(False, False), (False, True), (True, True)}),
        ("/lots/{no:path}/links", "/lots/{no:path}", {(False, False), (False, True), (True, True)}),
        ("/lots/{no}", "/lots/{no:path}", {(False, False), (False, True), (True, True)}),
        ("/people/{one}", "/people/{other}", {(False, False), (True, True)}),
        ("/lots/{no}/links", "/lots/{no}/holds", {(False, False), (True, False), (False, True)}),
        ("/a/{no:path}/x/{one}", "/a/{no:path}/y", {(False, False), (True, False), (False, True), (True, True)}),
        ("/a/{kind}.{form}", "/a/{one}", {(False, False), (False, True), (True, True)}),
    ],
)
def test_what_two_addresses_have_in_common_is_found(one: str, other: str, expected: set[tuple[bool, bool]]) -> None:
    assert caught(one, other) == expected
    assert caught(other, one) == {(second, first) for first, second in expected}


def test_of_two_routes_the_one_that_says_more_is_tried_first() -> None:
    """Nothing is kept from a route by another that catches all its addresses and more."""
    hidden = [(one, other) for one, other, found in PAIRS if (False, True) not in found]
    assert hidden == []
    assert len(PAIRS) > 100
    assert sum((True, False) not in found for *_, found in PAIRS) > 40, (
        "the others are for a number with our own words in it"
    )


def test_where_neither_says_more_the_number_is_as_short_as_it_can_be() -> None:
    """`/recalls/R/reports/scope` is about R, not about R/reports: whoever means that one writes %2F."""
    unclear = [(one, other) for one, other, found in PAIRS if (True, False) in found]
    assert {one.removeprefix("/api/v1").split("/")[1] for pair in unclear for one in pair} <= {"recalls"}
    assert [pair for pair in unclear if pair[0].count("/") < pair[1].count("/")] == []
    assert [pair for pair in unclear if rooms.first(pair[0])[:3] == rooms.first(pair[1])[:3]] == []


def test_the_order_of_the_nouns_changes_nothing() -> None:
    def order(among: Iterable[rooms.Room]) -> list[str]:
        return [one.path for one in rooms.routes(among)]

    for side in (rooms.rooms(), ui.frame.rooms.rooms()):
        half = len(side) // 2
        assert order(side) == order(side[::-1]) == order((*side[half:], *side[:half]))


@pytest.mark.parametrize(
    "number", ["Q7-0042", "Q7/AB-0042", f"Q7{STROKE}reports", f"new{STROKE}checks{STROKE}returns{STROKE}links"]
)
def test_every_route_catches_its_own_addresses(number: str) -> None:
    """Whatever number stands in it; a stroke that was sent as %2F is the number's, also before a word of ours."""
    patterns = [(method, path, re.compile(route.path_regex.pattern)) for method, path, route in TRIED]
    wrong = {}
    for method, path, _ in TRIED:
        filled = PART.sub(lambda part: number if ":path" in part[1] else "3-f", path)
        catching = next(
            other for other_method, other, pattern in patterns if other_method == method and pattern.match(filled)
        )
        if catching != path:
            wrong[f"{method} {filled}"] = catching
    assert wrong == {}
