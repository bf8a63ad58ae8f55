"""What a receipt may carry: ids and counts, never a whole scope (DESIGN 6a).

A receipt travels through the engine, which takes two megabytes; the record has everything.  A list that is longer than a
person would read is cut to its first entries, and says how many there were.
"""

from collections.abc import Mapping
from typing import Any

LISTED = 50
"""Entries of a list that a receipt names."""
SAID = 2_000
"""Characters of a text."""


def short(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with long lists cut; beside each stands `<name>_total`, how many it had."""
    done: dict[str, Any] = {}
    for name, value in data.items():
        done[name] = _short(value)
        if isinstance(value, list | tuple) and len(value) > LISTED:
            done[f"{name}_total"] = len(value)
    return done


def _short(value: Any) -> Any:
    if isinstance(value, Mapping):
        if len(value) > LISTED:
            return {"total": len(value)}
        return short(value)
    if isinstance(value, list | tuple):
        return [_short(one) for one in value[:LISTED]]
    if isinstance(value, str) and len(value) > SAID:
        return f"{value[:SAID]}…"
    return value
