"""Tables of a recall as CSV files that spreadsheets open: byte order mark, and no text that would run as a formula."""

import csv
import io
from collections.abc import Collection, Mapping
from typing import Any

from starlette.responses import Response

from models.trace.rules.csv_file import BYTE_ORDER_MARK

RISKY = ("=", "+", "-", "@", "\t", "\r", "'")
LOT_COLUMNS = ("lot_no", "item_no", "item", "uom", "status", "in_house", "shipped", "returned")


def table(rows: Collection[Mapping[str, Any]], columns: Collection[str], name: str) -> Response:
    """Every row, never cut."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return _file(BYTE_ORDER_MARK + text.getvalue(), "text/csv; charset=utf-8", name)


def document(text: str, name: str) -> Response:
    """The canonical text, byte for byte: its SHA-256 is the digest that was signed."""
    return _file(text, "application/json", name)


def _file(text: str, kind: str, name: str) -> Response:
    safe = "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "_" for one in name)
    return Response(text, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{safe}"'})


def _cell(value: Any) -> str:
    said = "" if value is None else str(value)
    return f"'{said}" if said.startswith(RISKY) else said
