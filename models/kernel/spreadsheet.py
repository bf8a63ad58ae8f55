"""Tables as CSV that a spreadsheet opens as it is meant: byte order mark, and no text that would run as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads Chinese as something else
RISKY = ("=", "+", "-", "@", "\t", "\r", "'")


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], heads: Sequence[str] = ()) -> str:
    """Every row, never cut; `heads` are the words of the first line where the columns' own names won't do."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heads or columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return BYTE_ORDER_MARK + text.getvalue()


def lines(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The same line by line, the byte order mark with the heads: a large table is never in memory whole."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(head) for head in heads])
    yield BYTE_ORDER_MARK + text.getvalue()
    for row in rows:
        text.seek(0)
        text.truncate()
        writer.writerow([_cell(value) for value in row])
        yield text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return (
            f"{value:f}" if isinstance(value, Decimal) else str(value)
        )  # a number runs as no formula, below nought neither
    if isinstance(value, (list, tuple)):
        value = "; ".join(str(one) for one in value)
    said = "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
    return f"'{said}" if said.startswith(RISKY) else said
