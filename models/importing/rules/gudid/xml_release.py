"""Reads FDA's own release of its UDI database: XML, alone or in a ZIP, device by device, in the shape of the JSON lines.

Only one device is in memory as XML at a time, and no more bytes are unpacked than the limit allows, whatever the archive
says of itself.  A document type is refused: the release has none, and entities are how a small file grows large.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from models.importing.rules.codes import DAMAGED, NOT_XML, TOO_LARGE, TOO_MANY
from models.importing.rules.reading import yes_or_no

LIMIT = 1 << 30
"""Bytes of XML in a file or an archive."""
LARGEST = 32 << 20
"""Bytes of a single device: far more than any has."""
MOST = 500_000
"""Devices of a file: each stays in memory until all are stored."""
_AT_ONCE = 1 << 20
ZIP = b"PK\x03\x04"
_DOCTYPE = b"<!DOCTYPE"
_DEEPEST = 50
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What the release uses; the other ways of a ZIP take as much memory as the file says they need."""
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    struct.error,
)
_TEXTS = (
    "brandName",
    "versionModelNumber",
    "catalogNumber",
    "companyName",
    "deviceCount",
    "deviceDescription",
    "DMExempt",
    "deviceHCTP",
    "deviceKit",
    "singleUse",
    "lotBatch",
    "serialNumber",
    "manufacturingDate",
    "expirationDate",
)
_IDENTIFIER = ("deviceId", "deviceIdType", "deviceIdIssuingAgency", "containsDINumber", "pkgQuantity", "pkgStatus")


def devices(name: str, content: bytes, limit: int = LIMIT) -> list[dict[str, Any]]:
    """Every device of a file of XML, or of all XML files in a ZIP; refused as a whole (IMP-002, IMP-052, IMP-053, IMP-054)."""
    if not content.startswith(ZIP):
        return list(_devices(name, io.BytesIO(content), _Meter(name, limit)))
    found: list[dict[str, Any]] = []
    meter = _Meter(name, limit)  # of all files together
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                if _is_xml(member.filename):
                    if member.compress_type not in _PACKED:
                        raise DAMAGED(file=name, why=f"{member.filename}: compression {member.compress_type}")
                    with archive.open(member) as stream:
                        found += _devices(f"{name}/{member.filename}", stream, meter)
    except _BROKEN as error:
        raise DAMAGED(file=name, why=error) from None
    return found


def _is_xml(name: str) -> bool:
    """A file of XML, not what a Mac writes beside it into an archive (`__MACOSX/._a.xml`)."""
    return name.lower().endswith(".xml") and not name.rpartition("/")[2].startswith("._")


class _Meter:
    """Counts what is unpacked: as a whole, since the last device ended, and devices."""

    def __init__(self, name: str, limit: int) -> None:
        self.name, self.left, self.limit = name, limit, limit
        self.since, self.devices = 0, 0

    def pass_on(self, piece: bytes) -> bytes:
        self.left -= len(piece)
        self.since += len(piece)
        if self.left < 0:
            raise TOO_LARGE(file=self.name, limit=self.limit >> 20)
        if self.since > LARGEST + _AT_ONCE:
            raise TOO_LARGE(file=self.name, limit=LARGEST >> 20)
        return piece

    def one_more(self) -> None:
        self.since = 0
        self.devices += 1
        if self.devices > MOST:
            raise TOO_MANY(file=self.name, most=MOST)


def _devices(name: str, stream: IO[bytes], meter: _Meter) -> Iterator[dict[str, Any]]:
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    open_elements: list[Element] = []
    before = b""
    try:
        while piece := meter.pass_on(stream.read(_AT_ONCE)):
            if b"\0" in piece:  # in UTF-16 nobody would see a document type
                raise NOT_XML(file=name, line=1, why="NUL, UTF-16")
            if _DOCTYPE in (before + piece).upper():
                raise NOT_XML(file=name, line=1, why="DOCTYPE")
            before = piece[-len(_DOCTYPE) :]
            parser.feed(piece)
            yield from _ended(name, parser, open_elements, meter)
        parser.close()
        yield from _ended(name, parser, open_elements, meter)
    except ParseError as error:
        raise NOT_XML(file=name, line=error.position[0], why=error) from None
    except (LookupError, ValueError) as error:  # an encoding that the parser doesn't know, or of several bytes
        raise NOT_XML(file=name, line=1, why=error) from None


def _ended(
    name: str, parser: XMLPullParser[Element], open_elements: list[Element], meter: _Meter
) -> Iterator[dict[str, Any]]:
    for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
        if event == "start":
            open_elements.append(element)
            if len(open_elements) > _DEEPEST:
                raise NOT_XML(file=name, line=0, why=f"deeper than {_DEEPEST}")
            continue
        open_elements.pop()
        if _tag(element) == "device" and len(open_elements) <= 1:
            meter.one_more()
            yield _device(element)
        if len(open_elements) <= 1:  # what was read is forgotten, also what is no device
            element.clear()
            if open_elements:
                open_elements[-1].clear()


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _words(element: Element, name: str) -> str | None:
    for child in element:
        if _tag(child) == name:
            return " ".join((child.text or "").split()) or None
    return None


def _under(element: Element, *path: str) -> Iterator[Element]:
    first, *rest = path
    for child in element:
        if _tag(child) == first:
            yield from _under(child, *rest) if rest else (child,)


def _device(element: Element) -> dict[str, Any]:
    read: dict[str, Any] = {one: _words(element, one) for one in _TEXTS}
    read["companyName"] = read["companyName"] or ""
    read["publish"] = _words(element, "devicePublishDate")
    read["status"] = _words(element, "deviceCommDistributionStatus")
    read["ids"] = [
        {name: _words(one, name) for name in _IDENTIFIER} for one in _under(element, "identifiers", "identifier")
    ]
    sterile = [_words(one, "deviceSterile") for one in _under(element, "sterilization")]
    read["sterile"] = _any_true(sterile)
    terms = list(_under(element, "gmdnTerms", "gmdn"))
    read["gmdn"] = "; ".join(name for one in terms if (name := _words(one, "gmdnPTName"))) or None
    read["implantable"] = _any_true([_words(one, "implantable") for one in terms])
    codes = [_words(one, "productCode") for one in _under(element, "productCodes", "fdaProductCode")]
    read["productCode"] = next((one for one in codes if one), None)
    return read


def _any_true(said: list[str | None]) -> str | None:
    """`true` when one term says so, `false` only when every one denies it; else the register says nothing."""
    told = [yes_or_no(one) for one in said]
    if True in told:
        return "true"
    return "false" if told and None not in told else None
