"""What may be done at an address, by its doors: for whoever asked in another way (RFC 9110 15.5.6)."""

import re
from collections.abc import Iterable
from functools import cache

_NUMBER = re.compile(r"\{\w+(:path)?\}")


@cache
def _addresses(doors: tuple[str, ...]) -> list[tuple[re.Pattern[str], set[str]]]:
    """Every address with its methods, those with the most words of their own first."""
    found: dict[str, set[str]] = {}
    for door in doors:
        method, path = door.split(" ")
        found.setdefault(_NUMBER.sub("{}", path), set()).add(method)
    closest = sorted(found, key=lambda path: -len(path.replace("{}", "")))
    return [(re.compile(".+".join(re.escape(part) for part in path.split("{}"))), found[path]) for path in closest]


def methods_of(doors: Iterable[str], path: str) -> set[str]:
    """All that may be done at an address; the closest one's, since a number may hold a stroke."""
    return next((methods for pattern, methods in _addresses(tuple(doors)) if pattern.fullmatch(path)), set())
