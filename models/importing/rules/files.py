"""Opens a file of another system and recognises what it is; a damaged or unknown file is refused as a whole."""

from __future__ import annotations

import json
import zlib
from typing import Any

from models.importing.rules.codes import DAMAGED, EMPTY_FILE, NOT_JSON, TOO_LARGE, TOO_MANY_PARTS, UNKNOWN_FORMAT
from models.importing.rules.gudid import devices as gudid
from models.importing.rules.gudid import xml_release as gudid_xml
from models.importing.rules.inventree import company as inventree
from models.importing.rules.reading import Reading

LIMIT = 256 << 20
"""Bytes of a file, unpacked: a megabyte of gzip may hold a gigabyte of nothing."""
MEMBERS = 100_000
"""Parts of a gzip file: one is usual, block compression makes some thousands of a gigabyte."""
MOST = 4_000_000
"""Objects and lists of a file: each takes a hundred bytes of memory and more, however little of the file it is."""
_AT_ONCE = 1 << 20
_FIRST_PIECE = 512
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_KNOWN = "GUDID (JSON lines, XML, ZIP of XML), InvenTree (dumpdata JSON)"


def read(name: str, content: bytes) -> Reading:
    """The rows of a file, or a refusal IMP-002 … IMP-005 with nothing read."""
    rows = _rows(name, content)
    _refuse_unstorable(name, rows)
    if not rows:
        raise EMPTY_FILE(file=name)
    if all(inventree.looks_like(row) for row in rows):
        return inventree.read(rows)
    if all(gudid.looks_like(row) for row in rows):
        return gudid.read(rows)
    raise UNKNOWN_FORMAT(file=name, known=_KNOWN)


def _rows(name: str, content: bytes) -> list[Any]:
    if content.startswith(_GZIP):
        content = _unpacked(name, content)
    if content.startswith(gudid_xml.ZIP) or content.removeprefix(_BOM).lstrip()[:1] == b"<":
        return gudid_xml.devices(name, content)
    return _json_rows(name, _text(name, content))


def _text(name: str, content: bytes) -> str:
    if len(content) > LIMIT:
        raise TOO_LARGE(file=name, limit=LIMIT >> 20)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UNKNOWN_FORMAT(file=name, known=_KNOWN) from None


def _unpacked(name: str, packed: bytes) -> bytes:
    """What a gzip file of one or more members holds; refused before more than the limit of it is in memory."""
    parts: list[bytes] = []
    size = at = members = 0
    while at < len(packed):
        members += 1
        if members > MEMBERS:
            raise DAMAGED(file=name, why=f"more than {MEMBERS} parts")
        member, piece = zlib.decompressobj(wbits=31), _FIRST_PIECE
        try:
            # piece by piece: what is left is copied at each step, and a file may be a million members long
            while not member.eof:
                given = member.unconsumed_tail
                if not given:
                    given, at, piece = packed[at : at + piece], at + piece, min(piece * 2, _AT_ONCE)
                if not given:
                    raise DAMAGED(file=name, why="it ends too early")
                parts.append(member.decompress(given, min(_AT_ONCE, LIMIT + 1 - size)))
                size += len(parts[-1])
                if size > LIMIT:
                    raise TOO_LARGE(file=name, limit=LIMIT >> 20)
        except zlib.error as error:
            raise DAMAGED(file=name, why=error) from None
        at = min(at, len(packed)) - len(member.unused_data)
        while packed[at : at + 1] == b"\0":
            at += 1
    return b"".join(parts)


def _refuse_unstorable(name: str, rows: list[Any]) -> None:
    """NaN, NUL characters and half surrogates are no text or number that a record can hold."""
    for number, row in enumerate(rows, 1):
        try:
            written = json.dumps(row, ensure_ascii=False, allow_nan=False)
            written.encode()
        except (ValueError, RecursionError) as error:
            raise NOT_JSON(file=name, line=number, why=error) from None
        if "\\u0000" in written:
            raise NOT_JSON(file=name, line=number, why="NUL")


def _json_rows(name: str, text: str) -> list[Any]:
    """A JSON list, or one JSON document a line."""
    if not text.strip():
        return []
    if text.lstrip()[:1] not in {"[", "{"}:
        raise UNKNOWN_FORMAT(file=name, known=_KNOWN)
    if text.count("{") + text.count("[") > MOST:
        raise TOO_MANY_PARTS(file=name, most=MOST)
    if text.lstrip().startswith("["):
        try:
            rows = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise NOT_JSON(file=name, line=getattr(error, "lineno", 1), why=error) from None
        return rows if isinstance(rows, list) else [rows]
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    rows = []
    for number, line in lines:
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise NOT_JSON(file=name, line=number, why=error) from None
    return rows
