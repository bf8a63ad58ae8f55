"""FDA's own release of its register: XML, alone or in a ZIP; and what it doesn't say is not decided by a word of a name."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from models.rules.importing import gudid_xml, read
from models.rules.refusals import Refusal
from tests.importing.test_reading import DEVICE, gudid, records
from tests.importing.test_reference_files import content
from tests.importing.test_storing import one, store

DEVICE_XML = """<device xmlns="http://www.fda.gov/cdrh/gudid"><identifiers><identifier><deviceId>{di}</deviceId>
<deviceIdType>Primary</deviceIdType><deviceIdIssuingAgency>GS1</deviceIdIssuingAgency></identifier></identifiers>
<brandName>骨板 &amp; Plate</brandName><companyName>Maker</companyName><lotBatch>true</lotBatch>{terms}</device>"""


def xml(*terms: str, di: str = "00841523106431") -> bytes:
    said = "".join(f"<gmdn><gmdnPTName>Plate implant</gmdnPTName>{one}</gmdn>" for one in terms)
    return f"<?xml version='1.0' encoding='utf-8'?><data>{DEVICE_XML.format(di=di, terms=f'<gmdnTerms>{said}</gmdnTerms>')}</data>".encode()


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, given_bytes in files.items():
            archive.writestr(name.replace("_", "."), given_bytes)
    return made.getvalue()


def implantable(file: bytes) -> Any:
    (device,) = records(read("gudid.xml", file), "item").values()
    return device.values["implantable"]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ((), None),
        (("",), None),
        (("<implantable>true</implantable>",), True),
        (("<implantable>false</implantable>",), False),
        (("<implantable>false</implantable>", "<implantable>TRUE</implantable>"), True),
        (("<implantable>false</implantable>", ""), None),
        (("<implantable>perhaps</implantable>",), None),
    ],
)
def test_the_registers_own_flag_decides_and_no_word_of_a_name(terms: tuple[str, ...], expected: bool | None) -> None:
    assert implantable(xml(*terms)) is expected


@pytest.mark.parametrize("gmdn", ["Acetabular shell implant", "Bone screw", ""])
def test_json_lines_without_the_flag_leave_it_to_a_person(gmdn: str) -> None:
    (device,) = records(gudid({**DEVICE, "gmdn": gmdn}), "item").values()
    assert device.values["implantable"] is None


def test_fdas_own_example_comes_in_whole(session: Session) -> None:
    report = store(session, content("gudid/openfda_gudid_test.xml"), "gudid-xml")
    assert report.kinds["device"]["imported"] == 1
    assert report.kinds["identifier"]["read"] == 2
    row = "select i.name || '|' || i.implantable || '|' || i.single_use || '|' || i.gmdn from item i where i.item_no = '00844588018923'"
    name, implant, single, terms = str(one(session, row)).split("|")
    assert (name, implant, single) == ("CS2 Acet. Cup Sys. - VitalitE", "true", "true")
    assert "polyethylene acetabular liner" in terms
    packages = "select package_quantity from item_identifier where code = '00844868017264'"
    assert one(session, packages) == 25


def test_an_archive_of_several_files_is_one_import() -> None:
    archive = zipped(a_xml=xml(), b_xml=xml(di="10841523106438"), readme_txt=b"<nothing>")
    assert len(records(read("release.zip", archive), "item")) == 2
    assert gudid_xml.devices("x", archive)[0]["brandName"] == "骨板 & Plate"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"<data><device>", "IMP-053"),
        (b"<!DOCTYPE d [<!ENTITY a 'b'>]><data><device>&a;</device></data>", "IMP-053"),
        (b"<" + b"a><" * 60 + b"a>", "IMP-053"),
        (b"<html><body>no register</body></html>", "IMP-005"),
        (zipped(a_txt=b"x"), "IMP-005"),
        (zipped(a_xml=xml())[:-30], "IMP-002"),
        (b"PK\x03\x04 broken", "IMP-002"),
    ],
)
def test_what_is_no_register_is_refused_as_a_whole(file: bytes, code: str) -> None:
    with pytest.raises(Refusal) as no:
        read("x", file)
    assert no.value.code == code


def test_an_archive_that_grows_beyond_the_limit_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped(a_xml=b"<data>" + b" " * 30_000_000 + b"</data>")
    assert len(bomb) < 100_000
    with pytest.raises(Refusal) as no:
        gudid_xml.devices("bomb.zip", bomb, limit=5_000_000)
    assert no.value.code == "IMP-052"


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    for file in (b"<" + noise, b"PK\x03\x04" + noise, xml()[:200] + noise):
        with suppress(Refusal):
            gudid_xml.devices("x", file)
