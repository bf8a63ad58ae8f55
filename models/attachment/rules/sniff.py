"""What a file is, told by its bytes alone; neither its name nor what the browser says of it is asked.

Sources: the signatures of PDF (ISO 32000-2 7.5.2), PNG (W3C PNG 5.2), JPEG (ITU-T T.81 B.1.1.3), ISO base media files (ISO/IEC
14496-12 4.3; HEIF brands of ISO/IEC 23008-12 B.4), ZIP (APPNOTE 4.3), Office Open XML (ECMA-376 part 2).  What could run where it is
opened is none of these: pages, pictures that are pages (SVG), programs, Office files with macros.
"""

import codecs
import re
import zipfile
from enum import StrEnum
from typing import IO


class FileType(StrEnum):
    """The kinds of files that are kept."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    HEIC = "heic"
    MP4 = "mp4"
    XLSX = "xlsx"
    DOCX = "docx"
    ZIP = "zip"
    CSV = "csv"
    TXT = "txt"


MEDIA: dict[FileType, str] = {
    FileType.PDF: "application/pdf",
    FileType.PNG: "image/png",
    FileType.JPEG: "image/jpeg",
    FileType.HEIC: "image/heic",
    FileType.MP4: "video/mp4",
    FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileType.ZIP: "application/zip",
    FileType.CSV: "text/csv",
    FileType.TXT: "text/plain",
}
_TEXTS = ("csv", "txt", "tsv", "log", "md", "asc", "dat")
EXTENSIONS: dict[FileType, tuple[str, ...]] = {
    FileType.PDF: ("pdf",),
    FileType.PNG: ("png",),
    FileType.JPEG: ("jpg", "jpeg", "jfif"),
    FileType.HEIC: ("heic", "heif"),
    FileType.MP4: ("mp4", "m4v"),
    FileType.XLSX: ("xlsx",),
    FileType.DOCX: ("docx",),
    FileType.ZIP: ("zip",),
    FileType.CSV: _TEXTS,
    FileType.TXT: _TEXTS,
}
"""How a file of the type may be called."""

_HEAD = 4096
_STARTS = ((b"%PDF-", FileType.PDF), (b"\x89PNG\r\n\x1a\n", FileType.PNG), (b"\xff\xd8\xff", FileType.JPEG))
_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_MP4 = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"mmp4", b"MSNV", b"dash"}
)
_MARKED = re.compile(r"\A\s*<|<!doctype\s|<(?:html|head|body|script|svg|iframe|\?xml)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_PARTED = 20
"""Lines that are looked at for a table."""


def sniff(file: IO[bytes]) -> FileType | None:
    """What the file is, or None where it is nothing that is kept.  Leaves the file at its beginning."""
    try:
        return _sniff(file)
    finally:
        file.seek(0)


def _sniff(file: IO[bytes]) -> FileType | None:
    file.seek(0)
    head = file.read(_HEAD)
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    if head[4:8] == b"ftyp":
        return _of_media(head)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_archive(file)
    return _of_text(file, head)


def _of_media(head: bytes) -> FileType | None:
    """By the brands of the first box: the major one, then those it is compatible with."""
    length = min(int.from_bytes(head[:4]), _HEAD)
    brands = [head[8:12], *(head[place : place + 4] for place in range(16, length, 4))]
    for brand in brands:
        if brand in _HEIF:
            return FileType.HEIC
        if brand in _MP4:
            return FileType.MP4
    return None


def _of_archive(file: IO[bytes]) -> FileType | None:
    """By the names in it; nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if any(name.endswith("vbaProject.bin") for name in sorted(names)):
        return None
    if "[Content_Types].xml" in names:
        if "xl/workbook.xml" in names:
            return FileType.XLSX
        if "word/document.xml" in names:
            return FileType.DOCX
    return FileType.ZIP


def _of_text(file: IO[bytes], head: bytes) -> FileType | None:
    """Text in UTF-8, in UTF-16 with its mark, or in GB 18030, without control characters and without the marks of a page."""
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        start = _plain(file, encoding)
        if start is not None:
            return None if _MARKED.search(start) else _table(start)
    return None


def _plain(file: IO[bytes], encoding: str) -> str | None:
    """The beginning of the text; None where it isn't text in that encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    start = ""
    try:
        while chunk := file.read(1 << 16):
            text = decoder.decode(chunk)
            if _CONTROL.search(text):
                return None
            start = start if len(start) >= _HEAD else start + text[:_HEAD]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return start


def _table(start: str) -> FileType:
    """Several lines that the same sign parts into equally many fields are a table."""
    lines = [line for line in start.splitlines()[:_PARTED] if line.strip()]
    whole = lines[:-1] if len(start) >= _HEAD and len(lines) > 2 else lines
    for sign in ",;\t":
        counts = [line.count(sign) for line in whole]
        if len(counts) > 1 and counts[0] > 0 and counts == [counts[0]] * len(counts):
            return FileType.CSV
    return FileType.TXT
