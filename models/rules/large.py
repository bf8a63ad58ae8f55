"""Large documents as JSON, written in parts: one `json.dumps` of ten megabytes keeps every other thread waiting a second.

The bytes are those of a single `json.dumps`; a test holds the two together.
"""

import json
from collections.abc import Iterator
from typing import Any

EXACT = 2**53
"""Integers from here on are no exact numbers in JavaScript, and RFC 8785 refuses them."""
AT_ONCE = 500
"""Entries of a list that are written in one go: some milliseconds."""


def written(document: Any, *, canonical: bool = False) -> bytes:
    """The document as UTF-8; `canonical` gives RFC 8785 for text, integers, booleans and null under ASCII names."""
    options: dict[str, Any] = {"ensure_ascii": False}
    if canonical:
        options |= {"sort_keys": True, "separators": (",", ":")}
    return b"".join(part.encode() for part in _parts(document, options, canonical=canonical))


def is_plain(document: Any) -> bool:
    """Whether `written` gives the document's RFC 8785 form: text, small integers, booleans, null; names in ASCII."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        kind = type(value)
        if kind is dict:
            if not all(type(name) is str and name.isascii() for name in value):
                return False
            waiting.extend(value.values())
        elif kind is list or kind is tuple:
            waiting.extend(value)
        elif kind is int:
            if not -EXACT < value < EXACT:
                return False
        elif not (kind is str or kind is bool or value is None):
            return False
    return True


def _parts(value: Any, options: dict[str, Any], *, canonical: bool) -> Iterator[str]:
    comma, colon = (",", ":") if canonical else (", ", ": ")
    if isinstance(value, dict):
        names = sorted(value) if canonical else list(value)
        yield "{"
        for place, name in enumerate(names):
            yield f"{comma if place else ''}{json.dumps(name)}{colon}"
            yield from _parts(value[name], options, canonical=canonical)
        yield "}"
    elif isinstance(value, list) and len(value) > AT_ONCE:
        yield "["
        for start in range(0, len(value), AT_ONCE):
            yield (comma if start else "") + json.dumps(value[start : start + AT_ONCE], **options)[1:-1]
        yield "]"
    else:
        yield json.dumps(value, **options)
