"""Whole labels that a record of before keeps where a number belongs: found by what they say, and listed (REQUIREMENTS 19, 121).

`whole_labels.sql` reads them and has an index of each register's; what stands here must ask as the indexes do.
"""

# ruff: noqa: S608 - statements are put together from our own column names; every value is a parameter

from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

_WHOLE = "may_be_label({0}) and label_keys({0}) is not null"
MARK = "整条标签 whole label"


def says(column: str, keys: str) -> str:
    """Whether the column holds a whole label that says one of these keys; by its index."""
    return f"({_WHOLE.format(column)} and label_keys({column}) && {keys})"


def branch(select: str, column: str, keys: str) -> str:
    """A branch of the resolver over what stands under a whole label; its detail says so."""
    found = select.format(where=says(column, keys))
    return (
        "select kind, key, number, second, name, concat_ws(' · ', detail, '" + MARK + "'), name_en"
        f" from ({found}) as x (kind, key, number, second, name, detail, name_en)"
    )


class Stored(NamedTuple):
    """One number of a record that is a whole label: under which number it is found, the label, and what it says."""

    register: str
    number: str
    label: str
    says: str


_ALL = text(
    "select register, number, label, array_to_string(label_numbers(label), ', ') from stored_labels() order by 1, 3, 2"
)


def listed(session: Session) -> list[Stored]:
    """Every number that is a whole label."""
    return [Stored(*row) for row in session.connection().execute(_ALL)]
