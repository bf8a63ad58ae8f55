"""Large documents as JSON: one `json.dumps` of ten megabytes keeps every other thread waiting a second.

What has a digest is written by orjson, a seventh of the time (1.2 MB: 3 ms, `json.dumps` 20, rfc8785 112); its bytes are those of RFC
8785 for what our records hold, which a test asserts.  What people read is written in parts; its bytes are those of a single
`json.dumps`, and a test holds the two together.
"""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from models.kernel.text import Text

EXACT = 2**53
"""Integers from here on are no exact numbers in JavaScript, and RFC 8785 refuses them."""
AT_ONCE = 500
"""Entries of a list that are written in one go: some milliseconds."""


STRICT = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
"""No kinds but those of JSON: whoever puts a moment into a record says in which form."""


def canonical(document: Any) -> bytes:
    """RFC 8785 of a document of text, integers below 2**53, booleans and null under ASCII names, as UTF-8."""
    return orjson.dumps(document, option=STRICT)


def written(document: Any) -> bytes:
    """The document as UTF-8, with a blank behind commas and colons."""
    return b"".join(part.encode() for part in _parts(document))


def is_plain(document: Any) -> bool:
    """Whether `canonical` gives the document's RFC 8785 form: text, small integers, booleans, null; names in ASCII."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        kind = type(value)
        if kind is dict:
            if not all(type(name) is str and name.isascii() for name in value):
                return False
            waiting.extend(value.values())
        elif kind is list or kind is tuple or kind is Text:
            waiting.extend(value)
        elif kind is int:
            if not -EXACT < value < EXACT:
                return False
        elif not (kind is str or kind is bool or value is None):
            return False
    return True


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for place, name in enumerate(value):
            yield f"{', ' if place else ''}{json.dumps(name)}: "
            yield from _parts(value[name])
        yield "}"
    elif isinstance(value, list) and len(value) > AT_ONCE:
        yield "["
        for start in range(0, len(value), AT_ONCE):
            yield (", " if start else "") + json.dumps(value[start : start + AT_ONCE], ensure_ascii=False)[1:-1]
        yield "]"
    else:
        yield json.dumps(value, ensure_ascii=False)
