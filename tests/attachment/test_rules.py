"""What a file is, is told by its bytes; what it is called and how large it is has limits."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.attachment.rules import attachment as rules
from models.attachment.rules.sniff import EXTENSIONS, MEDIA, FileType, sniff
from models.kernel.refusal import Refusal

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42"


def archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return made.getvalue()


KNOWN = {
    b"%PDF-1.7\n%\xe2\xe3": FileType.PDF,
    PNG: FileType.PNG,
    b"\xff\xd8\xff\xe0\x00\x10JFIF": FileType.JPEG,
    HEIC: FileType.HEIC,
    MP4: FileType.MP4,
    b"\x00\x00\x00\x1cftypxxxx\x00\x00\x00\x00mif1heicmiaf": FileType.HEIC,
    archive("[Content_Types].xml", "xl/workbook.xml"): FileType.XLSX,
    archive("[Content_Types].xml", "word/document.xml"): FileType.DOCX,
    archive("a.txt", "图/b.png"): FileType.ZIP,
    "批号,数量\nA-1,5\nA-2,7\n".encode(): FileType.CSV,
    "批号;数量\r\nA-1;5\r\n".encode("gb18030"): FileType.CSV,
    "﻿一个字".encode(): FileType.TXT,
    "检验记录：合格。\n".encode("gb18030"): FileType.TXT,
    "wide 宽".encode("utf-16"): FileType.TXT,
    b"a < b, and nothing else": FileType.TXT,
    b"one line, with a comma": FileType.TXT,
}


@pytest.mark.parametrize(("content", "kind"), KNOWN.items(), ids=[f"{n}-{k}" for n, k in enumerate(KNOWN.values())])
def test_the_bytes_say_what_it_is(content: bytes, kind: FileType) -> None:
    assert sniff(io.BytesIO(content)) is kind


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"  \n<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "﻿<html>".encode(),
        "<html>".encode("utf-16"),
        b"words first <script>alert(1)</script>",
        b"<?xml version='1.0'?><a/>",
        b"MZ\x90\x00\x03\x00\x00\x00",
        b"\x7fELF\x02\x01\x01",
        b"GIF89a\x01\x00\x01\x00\x00",
        archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"),
        b"PK\x03\x04 and no archive",
        b"\x00\x00\x00\x18ftypqt  \x00\x00\x00\x00qt  ",
        b"text and then a \x00 byte",
        b"\xff\xfe\xff",
        b"x" * 100_000 + b"\x01",
    ],
)
def test_what_could_run_or_is_unknown_is_nothing_that_is_kept(content: bytes) -> None:
    assert sniff(io.BytesIO(content)) is None
    with pytest.raises(Refusal, match="ATT-004"):
        rules.check_type("a.pdf", None)


@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer_and_the_file_stays_at_its_beginning(content: bytes) -> None:
    file = io.BytesIO(content)
    found = sniff(file)
    assert found is None or found in MEDIA
    assert file.tell() == 0


@given(st.sampled_from([*FileType]), st.text(max_size=12))
def test_an_extension_never_says_another_type_than_the_content(kind: FileType, extension: str) -> None:
    name = f"a.{extension}"
    if extension.lower() in EXTENSIONS[kind]:
        assert rules.check_type(name, kind) is kind
    else:
        with pytest.raises(Refusal, match="ATT-005"):
            rules.check_type(name, kind)


@pytest.mark.parametrize(
    "name", ["检验报告 2026年11月.pdf", "no extension", "Ünïcode.PDF", "a.b.c.pdf", "~$x.pdf", "%2e%2e.pdf"]
)
def test_a_name_is_kept_as_it_is(name: str) -> None:
    assert rules.name_of(f" {name} ") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "..",
        ". .",
        "../a.pdf",
        "/etc/passwd",
        "C:\\a.pdf",
        "a\x00.pdf",
        "a\n.pdf",
        "a\u202efdp.exe",
        "a\u200b.pdf",
        "\ud800",
        "x" * 201,
    ],
)
def test_a_name_is_no_path_and_hides_nothing(name: str) -> None:
    with pytest.raises(Refusal, match="ATT-003") as caught:
        rules.name_of(name)
    caught.value.zh.encode()


def test_a_name_is_composed_so_that_one_file_has_one_name() -> None:
    assert rules.name_of("e\u0301.pdf") == "\u00e9.pdf"


@pytest.mark.parametrize(("size", "code"), [(0, "ATT-001"), (rules.MEBI + 1, "ATT-002")])
def test_sizes_have_limits(size: int, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        rules.check_size(size, 1)
    rules.check_size(rules.MEBI, 1)


def test_what_arrives_is_what_was_announced() -> None:
    rules.check_digest("ab", None)
    rules.check_digest("ab", " AB ")
    with pytest.raises(Refusal, match="ATT-006"):
        rules.check_digest("ab", "abc")
