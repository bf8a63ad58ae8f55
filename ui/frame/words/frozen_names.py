"""Parts of a page whose texts come out of a frozen record, with the names in them read in the reader's language.

A release is signed with the plant's own names; an English reader of the page finds the English ones where the record
beside it knows them.  The signed text itself is one link away, byte for byte.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from sqlmodel import Session

from models.kernel.store import english_names as english
from models.kernel.text import Text

P = TypeVar("P")


def read(session: Session, page: P, *parts: str) -> P:
    """The page with the names in these fields said in the reader's language; one statement, none for a Chinese reader."""
    told = {part: getattr(page, part) for part in parts}
    names = english.names(session, _texts(tuple(told.values())))
    if not names:
        return page
    say = english.saying(names)
    return replace(page, **{part: _said(value, say) for part, value in told.items()})  # type: ignore[type-var]  # a page is a dataclass


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))


def _said(value: Any, say: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return say(value) if type(value) is str else value
    if isinstance(value, dict):
        return {key: _said(one, say) for key, one in value.items()}
    if isinstance(value, Text):
        return Text(say(value.zh), say(value.en))
    if type(value) in {list, tuple}:
        return type(value)([_said(one, say) for one in value])
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: _said(getattr(value, field.name), say) for field in fields(value) if field.init}
        )
    return value
