"""Files of other systems that are as bad as can be, by their size: what the reader of imports is measured with.

Sizes count characters of the file, or rows where a file of rows is made (`ROWS`).
"""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from models.importing.rules import files

DEVICE = (
    "<device><brandName>A</brandName><companyName>B</companyName><versionModelNumber>C</versionModelNumber>"
    "<identifiers><identifier><deviceId>0690123456789{n}</deviceId><deviceIdType>Primary</deviceIdType>"
    "<deviceIdIssuingAgency>GS1</deviceIdIssuingAgency></identifier></identifiers></device>"
)
EMPTY_MEMBER = gzip.compress(b"", mtime=0)


def read(content: bytes) -> object:
    """As the command reads a file."""
    return files.read("file", content)


def _over_and_over(part: str, before: str = "", after: str = "") -> Callable[[int], bytes]:
    return lambda size: (before + part * (size // len(part)) + after).encode()


def _packed(make: Callable[[int], bytes]) -> Callable[[int], bytes]:
    return lambda size: gzip.compress(make(size), compresslevel=1, mtime=0)


def _zipped(*made: Callable[[int], tuple[str, bytes]], each: int = 0) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(max(size // each, 1) if each else 1):
                for one in made:
                    name, content = one(size)
                    archive.writestr(f"{number}{name}", content)
        return file.getvalue()

    return make


XML = "<gudid>", "</gudid>"
BYTES: dict[str, Callable[[int], bytes]] = {
    "gzip of blanks": _packed(_over_and_over(" ")),
    "gzip of many parts": lambda size: EMPTY_MEMBER * (size // len(EMPTY_MEMBER)),
    "gzip and zeros": lambda size: EMPTY_MEMBER + b"\0" * size,
    "gzip of brackets": _packed(_over_and_over("[")),
    "json brackets": _over_and_over("["),
    "json objects in objects": _over_and_over('{"a":'),
    "json little lines": _over_and_over("{}\n"),
    "json empty lines": _over_and_over("\n", "{}"),
    "json one long text": _over_and_over("a", '["', '"]'),
    "json strokes": _over_and_over("\\\\", '["', '"]'),
    "json quotes": _over_and_over('\\"', '["', '"]'),
    "json digits": _over_and_over("1", "[", "]"),
    "json decimals": _over_and_over("1", "[1.", "]"),
    "json names": lambda size: b"[{" + b",".join(b'"n%d":1' % n for n in range(size // 10)) + b"}]",
    "xml devices": lambda size: "".join(
        (XML[0], *(DEVICE.replace("{n}", str(n % 10)) for n in range(size // len(DEVICE))), XML[1])
    ).encode(),
    "xml deep": _over_and_over("<a>"),
    "xml wide": _over_and_over("<a/>", *XML),
    "xml wide device": _over_and_over("<a/>", "<gudid><device>", "</device></gudid>"),
    "xml many identifiers": _over_and_over(
        "<identifier/>", "<gudid><device><identifiers>", "</identifiers></device></gudid>"
    ),
    "xml long text": _over_and_over("a", "<gudid><device><brandName>", "</brandName></device></gudid>"),
    "xml entities": _over_and_over("&lt;", "<gudid><device><brandName>", "</brandName></device></gudid>"),
    "xml long mark": _over_and_over("a", '<gudid a="', '"></gudid>'),
    "xml many marks": lambda size: b"<gudid " + b" ".join(b'a%d=""' % n for n in range(size // 10)) + b"></gudid>",
    "xml spaces of names": lambda size: (
        b"<gudid " + b" ".join(b'xmlns:a%d="u"' % n for n in range(size // 16)) + b"></gudid>"
    ),
    "xml remark": _over_and_over("- ", "<gudid><!--", "--></gudid>"),
    "xml unfinished": _over_and_over("<"),
    "xml brackets": _over_and_over("]]", "<gudid><![CDATA[", "]]></gudid>"),
    "zip of many files": _zipped(lambda _: (".xml", b"<gudid></gudid>"), each=100),
    "zip of blanks": _zipped(lambda size: (".xml", b"<gudid>" + b" " * size + b"</gudid>")),
    "zip cut off": lambda size: b"PK\x03\x04" + b"PK\x05\x06" * (size // 4),
}


def _row(model: str, pk: int, **fields: Any) -> dict[str, Any]:
    return {"model": model, "pk": pk, "fields": fields}


def _plant(rows: int) -> list[dict[str, Any]]:
    """A part of one item, one lot with many serial numbers, as many builds, completions and consumptions."""
    dump = [_row("part.part", 1, name="A", units="pcs"), _row("part.part", 2, name="B", units="pcs")]
    dump += [_row("part.bomitem", n, part=1, sub_part=2, quantity=1) for n in range(1, rows + 1)]
    dump += [_row("build.build", n, reference=f"BO-{n}", part=1, quantity=1, completed=1) for n in range(1, rows + 1)]
    for n in range(1, rows + 1):
        when = f"2026-01-01T00:{n // 60 % 10:02}:{n % 60:02}Z"
        dump += [
            _row("stock.stockitem", n, part=1, quantity=1, batch="L1", serial=f"S{n}", build=n, status=10),
            _row("stock.stockitem", rows + n, part=2, quantity=1, batch="L2", status=10, consumed_by=n),
            _row("stock.stockitemtracking", n, item=n, tracking_type=55, date=when),
            _row(
                "stock.stockitemtracking", rows + n, item=rows + n, tracking_type=57, date=when, deltas={"removed": 1}
            ),
        ]
    return dump


def _timeless(rows: int) -> list[dict[str, Any]]:
    """One stock item with a long history that has no dates."""
    dump = [_row("part.part", 1, name="A", units="pcs"), _row("stock.stockitem", 1, part=1, quantity=1, status=10)]
    return dump + [_row("stock.stockitemtracking", n, item=1, tracking_type=5, date=None) for n in range(1, rows + 1)]


def _chain(rows: int) -> list[dict[str, Any]]:
    """Places inside places, without end; the outermost is missing."""
    return [_row("stock.stocklocation", n, name=f"P{n}", parent=n + 1) for n in range(1, rows + 1)]


def _bought(rows: int) -> list[dict[str, Any]]:
    """One order of many lines, all received."""
    dump = [_row("part.part", 1, name="A", units="pcs"), _row("company.company", 1, name="S", is_supplier=True)]
    dump.append(_row("order.purchaseorder", 1, reference="PO-1", supplier=1))
    for n in range(1, rows + 1):
        dump += [
            _row("company.supplierpart", n, part=1, supplier=1, SKU=f"K{n}"),
            _row("stock.stockitem", n, part=1, quantity=1, batch=f"L{n}", purchase_order=1, supplier_part=n, status=10),
            _row("order.purchaseorderlineitem", n, order=1, part=n, received=1, quantity=1),
        ]
    return dump


def _twins(rows: int) -> list[dict[str, Any]]:
    """Register entries that share one identifier."""
    of = {"companyName": "B", "brandName": "A", "versionModelNumber": "C"}
    shared = {"deviceId": "06901234567892", "deviceIdType": "Package", "deviceIdIssuingAgency": "GS1"}
    return [
        of | {"ids": [{"deviceId": f"{n:014}", "deviceIdType": "Primary", "deviceIdIssuingAgency": "GS1"}, shared]}
        for n in range(rows)
    ]


ROWS: dict[str, Callable[[int], list[dict[str, Any]]]] = {
    "a plant": _plant,
    "history without dates": _timeless,
    "places in places": _chain,
    "an order of many lines": _bought,
    "register entries that share": _twins,
}


def rows_read(made: bytes) -> object:
    """As the command reads a file of rows."""
    return files.read("rows.json", made)


def rows_of(make: Callable[[int], list[dict[str, Any]]]) -> Callable[[int], bytes]:
    """The file of so many rows."""
    return lambda size: json.dumps(make(size)).encode()


def wide_entities() -> bytes:
    """A document type nobody sees who looks for its letters byte by byte, in an archive."""
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY a "aaaa">]><a>&a;</a>'
    return _zipped(lambda _: (".xml", text.encode("utf-16")))(1)


def other_compression() -> bytes:
    """An archive by LZMA, which takes as much memory as it says itself."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.xml", b"<gudid/>")
    return file.getvalue()
