"""A co-exposure as one CSV file, and back: the digest can be computed from either form (requirements 20, 24).

One table with a `section` column, like a trace's: the head, each lot, each other thing, then every row with its reason.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from typing import Any

from models.exposure.rules.exposure import Exposed, Exposure, Lot, Touch
from models.kernel.large_json import canonical
from models.trace.rules.csv_file import BYTE_ORDER_MARK, cell, line, value_of
from models.trace.rules.trace import names

_HEAD = ("of", "zh", "en", "since", "until", "counts")
_PARTS = {"lot": ("lots", names(Lot)), "other": ("others", names(Exposed)), "touch": ("touches", names(Touch))}
_COLUMNS = {
    "head": (*_HEAD, "digest", "identifier", "computed_at"),
    **{section: columns for section, (_, columns) in _PARTS.items()},
}
COLUMNS = ("section", *dict.fromkeys(column for columns in _COLUMNS.values() for column in columns))


def to_csv(document: dict[str, Any]) -> Iterator[str]:
    """The file, line by line, of `Exposure.document()`; every row of it."""
    yield BYTE_ORDER_MARK + line(COLUMNS)
    yield _row("head", {**document, "counts": document["counts"]})
    for section, (name, _) in _PARTS.items():
        for row in document[name]:
            yield _row(section, row)


def _row(section: str, row: dict[str, Any]) -> str:
    cells = {column: cell(column, row.get(column)) for column in _COLUMNS[section]}
    return line([section, *(cells.get(column, "") for column in COLUMNS[1:])])


def from_csv(text: str) -> dict[str, Any]:
    """The document behind a file of `to_csv`, without what stands outside the digest."""
    document: dict[str, Any] = {name: [] for name, _ in _PARTS.values()}
    for row in csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")):
        section = row["section"]
        record = {column: value_of(column, row[column]) for column in _COLUMNS[section]}
        if section == "head":
            document |= {name: record[name] for name in _HEAD}
        else:
            document[_PARTS[section][0]].append(record)
    return document


def digest(document: dict[str, Any]) -> str:
    """The digest of a document read back from JSON or CSV."""
    body = {name: value for name, value in document.items() if name in names(Exposure)}
    return hashlib.sha256(canonical(body)).hexdigest()
