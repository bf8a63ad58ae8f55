"""EPC URIs, as RFID readers and EPCIS documents send them, read as the labels that they stand for (REQ 19, 95)."""

import re
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.identifier.rules.check_digits import CSET_82, gs1_check_digit
from models.identifier.rules.identifiers import bracketed, parse
from models.identifier.rules.scanned_field import Asked, label, number
from models.kernel.refusal import Refusal
from tests.identifier.rules.test_vectors import DATA

PUBLISHED = {  # GS1 EPC Tag Data Standard 2.1, examples of chapters 7 and 12, and of EPCIS 2.0
    "urn:epc:id:sgtin:0614141.112345.400": "(01)10614141123459(21)400",
    "urn:epc:id:sgtin:0614141.712345.32a%2Fb": "(01)70614141123451(21)32a/b",
    "urn:epc:tag:sgtin-96:3.0614141.812345.6789": "(01)80614141123458(21)6789",
    "urn:epc:tag:sgtin-198:3.0614141.712345.32a%2Fb": "(01)70614141123451(21)32a/b",
    "urn:epc:idpat:sgtin:0614141.112345.*": "(01)10614141123459",
    "urn:epc:class:lgtin:4012345.012345.998877": "(01)04012345123456(10)998877",
    "urn:epc:id:sscc:0614141.1234567890": "(00)106141412345678908",
    "urn:epc:tag:sscc-96:3.0614141.1234567890": "(00)106141412345678908",
    "urn:epc:id:sgln:0614141.12345.400": "(414)0614141123452(254)400",
    "urn:epc:id:sgln:0614141.12345.0": "(414)0614141123452",
    "urn:epc:id:pgln:0614141.12345": "(417)0614141123452",
    "urn:epc:id:grai:0614141.12345.400": "(8003)00614141123452400",
    "urn:epc:id:giai:0614141.12345400": "(8004)061414112345400",
    "urn:epc:id:gsrn:0614141.1234567890": "(8018)061414112345678902",
    "urn:epc:id:gdti:0614141.12345.400": "(253)0614141123452400",
    "urn:epc:id:gsin:0614141.123456789": "(402)06141411234567890",
    "urn:epc:id:ginc:0614141.xyz3311cba": "(401)0614141xyz3311cba",
    "URN:EPC:ID:SGTIN:0614141.112345.a400": "(01)10614141123459(21)a400",
}
WRONG = (
    "urn:epc:id:sgtin:0614141.12345.400",  # twelve digits
    "urn:epc:id:sgtin:0614141.112345",
    "urn:epc:id:sgtin:0614141.112345.",
    "urn:epc:id:sgtin:0614141.112345.4/0",
    "urn:epc:id:sgtin:0614141.112345.4%C3%A9",
    "urn:epc:id:sgtin:3.0614141.112345.400",
    "urn:epc:tag:sgtin:0614141.112345.400",
    "urn:epc:class:sgtin:0614141.112345.400",
    "urn:epc:id:sscc:0614141.1234567890.1",
    "urn:epc:id:bic:CSQU3054383",
    "urn:epc:raw:96.x3074257BF7194E4000001A85",
)


@pytest.mark.parametrize("uri", [*PUBLISHED])
def test_a_published_epc_is_the_label_that_it_stands_for(uri: str) -> None:
    scan = parse(uri)
    assert (scan.kind, bracketed(scan.elements), scan.problem_codes()) == ("epc", PUBLISHED[uri], ())
    same = parse(PUBLISHED[uri])
    assert (scan.di, scan.lot, scan.serial, scan.sscc) == (same.di, same.lot, same.serial, same.sscc)
    assert scan.di_candidates == same.di_candidates


@pytest.mark.parametrize("uri", WRONG)
def test_an_epc_that_is_wrong_is_no_number_and_says_so(uri: str) -> None:
    scan = parse(uri)
    assert (scan.kind, scan.elements, scan.problem_codes()) == ("text", (), ("ID-029",))
    assert label(uri) is not None
    with pytest.raises(Refusal, match="ID-031"):
        number(uri, Asked.LOT)


def test_the_epcs_of_gs1s_own_examples_are_read_and_are_the_digital_links_beside_them() -> None:
    folder = DATA / "gs1-epcis" / "JSON"
    if not folder.exists():
        pytest.skip("reference data absent")
    texts = [file.read_text("utf-8") for file in sorted(folder.rglob("*.jsonld"))]
    uris = {one for text in texts for one in re.findall(r'"(urn:epc:(?:id|class|idpat):[^"]+)"', text)}
    ours = {uri: parse(uri) for uri in uris if uri.split(":")[3] not in {"itip", "cpi", "sgcn"}}
    assert len(ours) > 80
    assert {uri: scan.problem_codes() for uri, scan in ours.items() if scan.problems or scan.kind != "epc"} == {}
    links = re.findall(
        r'"(https://id[.]gs1[.]org/[^"]+)"',
        (folder / "WithDigitalLinkID/Example_9.6.4-TransformationEventWithDigitalLink.jsonld").read_text("utf-8"),
    )
    beside = re.findall(r'"(urn:epc:[^"]+)"', (folder / "Example_9.6.4-TransformationEvent.jsonld").read_text("utf-8"))
    assert {parse(link).elements for link in links} < {parse(uri).elements for uri in beside}
    assert len(links) == 2


KEPT = "!'()*+,-.:;=_" + string.ascii_letters + string.digits


@given(
    st.integers(6, 12),
    st.integers(0, 10**13 - 1).map(lambda n: f"{n:013d}"),
    st.text(CSET_82, min_size=1, max_size=20),
    st.sampled_from([("id:sgtin", "21"), ("class:lgtin", "10")]),
)
def test_every_gtin_with_its_lot_or_serial_is_read_back_from_its_epc(
    width: int, body: str, value: str, said: tuple[str, str]
) -> None:
    """Whatever the length of the company prefix; the indicator stands behind it, the check digit is computed."""
    form, ai = said
    tail = "".join(char if char in KEPT else quote(char, safe="") for char in value)
    scan = parse(f"urn:epc:{form}:{body[1 : width + 1]}.{body[0]}{body[width + 1 :]}.{tail}")
    assert [(one.ai, one.value) for one in scan.elements] == [("01", body + gs1_check_digit(body)), (ai, value)]


@given(st.integers(6, 12), st.integers(0, 10**17 - 1).map(lambda n: f"{n:017d}"))
def test_every_sscc_is_read_back_from_its_epc(width: int, body: str) -> None:
    uri = f"urn:epc:id:sscc:{body[1 : width + 1]}.{body[0]}{body[width + 1 :]}"
    assert number(uri, Asked.UNIT) == body + gs1_check_digit(body)
