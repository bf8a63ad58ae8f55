"""The record that a signature is over, as people read it: who signs sees it, whatever process it is of (21 CFR 11.50, DESIGN 7.1)."""

import json
from collections.abc import Iterator

from ui.frame.i18n import Words
from ui.frame.parts import Fact

FEW = 200
"""Entries of a record on a page; a page says how many more there are."""


def rows(canonical: str, words: Words) -> tuple[Fact, ...]:
    """Each entry of the canonical record with the names on the way to it, in its order; none where nothing is signed."""
    if not canonical:
        return ()
    found = list(_entries(json.loads(canonical), words))
    shown = [Fact(label=" · ".join(way) or "–", text=text) for way, text in found[:FEW]]
    if len(found) > FEW:
        shown.append(Fact(label="…", text=words("task.record_more", count=str(len(found) - FEW))))
    return tuple(shown)


def _entries(value: object, words: Words, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _entries(inner, words, (*way, words.known(f"audit.column_{name}", str(name).replace("_", " "))))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value, 1):
            yield from _entries(inner, words, (*way, str(number)))
    else:
        yield way, _said(value, words)


def _said(value: object, words: Words) -> str:
    if isinstance(value, bool):
        return words("form.answer_yes" if value else "form.answer_no")
    return "–" if value in (None, "", [], {}) else str(value)
