"""Large answers leave part by part, so that one is never twice in memory (DESIGN 2.6)."""

import json
from collections.abc import Iterator
from typing import Any


def json_parts(document: dict[str, Any]) -> Iterator[str]:
    """The document, a thousand records of a list at a time."""
    for place, (name, value) in enumerate(document.items()):
        yield f"{',' if place else '{'}{json.dumps(name)}:"
        if not isinstance(value, list):
            yield json.dumps(value, ensure_ascii=False)
            continue
        for start in range(0, len(value), 1000):
            part = json.dumps(value[start : start + 1000], ensure_ascii=False)[1:-1]
            yield f"{',' if start else '['}{part}"
        yield "]" if value else "[]"
    yield "}"
