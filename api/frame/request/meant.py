"""JSON says what it means: `"0"` is no number, `1` is no yes, and `0` is no day in 1970 (DESIGN 12; ALCOA+: accurate).

The library that reads requests is kinder, because a form's fields are all text; a form is read with `FORM` as its context.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime
from pydantic_core import PydanticCustomError

FORM = "form"
"""The context in which a page's form is read."""
_WRITTEN = re.compile(r"\s*[0-9]{4}-")


def _yes_or_no(told: Any) -> bool:
    return isinstance(told, bool)


def _count(told: Any) -> bool:
    return isinstance(told, int | float) and not isinstance(told, bool)


def _day(told: Any) -> bool:
    return isinstance(told, date) or (isinstance(told, str) and _WRITTEN.match(told) is not None)


_KINDS: dict[Any, tuple[Callable[[Any], bool], str]] = {
    bool: (_yes_or_no, "bool_type"),
    int: (_count, "int_type"),
    date: (_day, "date_type"),
    datetime: (_day, "datetime_type"),
    AwareDatetime: (_day, "datetime_type"),
}


def check(annotation: Any, told: Any) -> None:
    """Refuse what stands for a value of the field's kind without being one."""
    kinds = _plain(annotation)
    if told is None or len(kinds) != 1 or kinds[0] not in _KINDS:
        return
    fits, error = _KINDS[kinds[0]]
    if not fits(told):
        raise PydanticCustomError(error, "Input should be written as what it is")


def _plain(annotation: Any) -> list[Any]:
    """The kinds that a field takes, beside null."""
    match get_origin(annotation):
        case origin if origin is Annotated:
            return _plain(get_args(annotation)[0])
        case origin if origin in {Union, UnionType}:
            return [kind for part in get_args(annotation) if part is not NoneType for kind in _plain(part)]
        case _:
            return [annotation]
