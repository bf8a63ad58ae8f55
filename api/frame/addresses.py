"""What may be done at an address, by the table of doors: for whoever asked in another way (RFC 9110 15.5.6)."""

import re

from api.frame.doors import DOORS

_NUMBER = re.compile(r"\{\w+(:path)?\}")


def _addresses() -> list[tuple[re.Pattern[str], set[str]]]:
    """Every address with its methods, those with the most words of their own first."""
    found: dict[str, set[str]] = {}
    for door in DOORS:
        method, path = door.split(" ")
        found.setdefault(_NUMBER.sub("{}", path), set()).add(method)
    closest = sorted(found, key=lambda path: -len(path.replace("{}", "")))
    return [(re.compile(".+".join(re.escape(part) for part in path.split("{}"))), found[path]) for path in closest]


_ADDRESSES = _addresses()


def methods_of(path: str) -> set[str]:
    """All that may be done at an address; the closest one's, since a number may hold a stroke."""
    return next((methods for pattern, methods in _ADDRESSES if pattern.fullmatch(path)), set())
