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

from models.importing.rules.files import read
from models.importing.rules.gudid import xml_release as gudid_xml
from models.kernel.refusal import Refusal
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
        (("<implantable>1</implantable>",), True),  # as XML Schema writes a boolean too
        (("<implantable> 0 </implantable>",), False),
        (("<implantable>0</implantable>", "<implantable>1</implantable>"), True),
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
        *(
            (xml().replace(b"utf-8", name), "IMP-053")
            for name in (b"gbk", b"gb18030", b"big5", b"shift_jis", b"utf-7", b"x-none")
        ),
        (zipped(a_xml=xml().replace(b"utf-8", b"gbk")), "IMP-053"),
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


def said(**elements: str) -> tuple[dict[str, Any], list[str]]:
    """The values of a device with these elements, and what is flagged of it."""
    more = "".join(f"<{name}>{value}</{name}>" for name, value in elements.items())
    reading = read("gudid.xml", xml().replace(b"<lotBatch>true</lotBatch>", more.encode()))
    (device,) = records(reading, "item").values()
    return device.values, [one.refusal.code for one in reading.findings if one.kind == "device"]


EVERY = {
    "lotBatch": "1",
    "serialNumber": "0",
    "manufacturingDate": "True",
    "expirationDate": " true ",
    "singleUse": "NO",
}


def test_a_flag_is_read_in_every_way_that_a_boolean_is_written() -> None:
    values, flagged = said(**EVERY, sterilization="<deviceSterile>yes</deviceSterile>")
    names = ("lot_on_label", "serial_on_label", "manufactured_on_label", "expiry_on_label", "single_use", "sterile")
    assert [values[name] for name in names] == [True, False, True, True, False, True]
    assert "IMP-063" not in flagged


@pytest.mark.parametrize("absent", EVERY)
def test_a_flag_that_the_register_doesnt_say_is_told_to_somebody(absent: str) -> None:
    for elements in ({name: value for name, value in EVERY.items() if name != absent}, EVERY | {absent: "maybe"}):
        values, flagged = said(**elements, sterilization="<deviceSterile>false</deviceSterile>")
        assert values[{"lotBatch": "lot_on_label"}.get(absent, "sterile")] is False
        assert flagged == ["IMP-063"], elements


def test_one_sterile_way_among_several_makes_it_sterile() -> None:
    way = "<deviceSterile>false</deviceSterile></sterilization><sterilization><deviceSterile>true</deviceSterile>"
    assert said(**EVERY, sterilization=way)[0]["sterile"] is True


def test_what_a_mac_writes_beside_a_file_is_no_file() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("release/a.xml", xml())
        archive.writestr("__MACOSX/release/._a.xml", b"\x00\x05\x16\x07")
        archive.writestr("release/._a.xml", b"\x00\x05\x16\x07")
    assert len(records(read("release.zip", made.getvalue()), "item")) == 1


@pytest.mark.parametrize(
    ("encoding", "name"), [("iso-8859-1", "Pl\u00e4tte"), ("windows-1252", "Pl\u00e4tte\u2122"), ("us-ascii", "Plate")]
)
def test_a_file_in_an_encoding_of_single_bytes_is_read_in_it(encoding: str, name: str) -> None:
    text = xml().decode().replace("utf-8", encoding).replace("骨板", name)
    (device,) = records(read("gudid.xml", text.encode(encoding)), "item").values()
    assert device.values["name"] == f"{name} & Plate"


def test_a_quantity_of_a_package_that_is_no_number_is_told() -> None:
    identifier = (
        "<identifier><deviceId>10841523106438</deviceId><deviceIdType>Package</deviceIdType>"
        "<deviceIdIssuingAgency>GS1</deviceIdIssuingAgency><pkgQuantity>1,000</pkgQuantity></identifier></identifiers>"
    )
    reading = read("gudid.xml", xml().replace(b"</identifiers>", identifier.encode()))
    assert [one.refusal.code for one in reading.findings if one.kind == "identifier"] == ["IMP-064"]
