"""Our reading of scans against published vectors of the GS1 syntax engine and of HIBC documentation.

Read from the reference data, which is not part of the project; how many agree is pinned, and why the rest does not.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from models.identifier.rules import identifiers
from models.identifier.rules.check_digits import RULES
from models.identifier.rules.scan import Scan
from models.kernel.refusal import Refusal

DATA = Path(os.environ.get("REFERENCE_DATA") or Path(__file__).parents[3] / "../shared/data")
MALFORMED = {"ID-010", "ID-011", "ID-012", "ID-013", "ID-017", "ID-018", "ID-019"}
TOGETHER = {
    "validateAIrepeats": "ID-014",
    "validateAImutex": "ID-015",
    "validateAIrequisites": "ID-016",
    "validateDigSigRequiresSerialisedKey": "ID-025",
}
NOT_OURS = {
    "couponcode",
    "couponposoffer",
    "gcppos1",
    "gcppos2",
    "packagetype",
}  # North American coupons, company registry


def load(path: str) -> dict[str, Any]:
    file = DATA / path
    if not file.exists():
        pytest.skip(f"reference data absent: {path}")
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return document


def read(text: str) -> Scan | None:
    try:
        return identifiers.parse(text)
    except Refusal:
        return None


def element_string_of(text: str, kind: str) -> str | None:
    """The canonical element string when the text is well formed, else None."""
    scan = read(text)
    if scan is None or scan.kind != kind or set(scan.problem_codes()) & MALFORMED:
        return None
    return identifiers.element_string(scan.elements, "^")


def scanned_data(text: str) -> str | None:
    """What a scanner's message carries, in the notation of the vectors."""
    scan = read(text)
    if scan is None or scan.symbology is None or set(scan.problem_codes()) & MALFORMED:
        return None
    if scan.kind == "gs1":
        return identifiers.element_string(scan.elements, "^")
    if scan.kind == "gtin":
        number = scan.text.partition("|")[0]
        return number + ("|" + identifiers.element_string(scan.elements[1:], "^") if "|" in scan.text else "")
    return "\\" + scan.text if scan.text.lstrip("\\").startswith("^") else scan.text


def agreeing(vectors: list[dict[str, Any]], ours: Any, want: str) -> list[str]:
    """The sources of the vectors that we read otherwise."""
    expected = [(vector.get(want, ours(vector)) if vector["ok"] else None) for vector in vectors]
    return [v["src"].split("/")[-1] for v, answer in zip(vectors, expected, strict=True) if ours(v) != answer]


def test_bracketed_element_strings() -> None:
    vectors = load("gs1-syntax/gs1_syntax_engine_vectors.json")["parse_bracketed_ai"]
    assert agreeing(vectors, lambda v: element_string_of(v["input"], "gs1"), "expect_unbracketed") == []


def test_unbracketed_element_strings() -> None:
    vectors = load("gs1-syntax/gs1_syntax_engine_vectors.json")["process_unbracketed_ai"]
    wrong = [v["input"] for v in vectors if (element_string_of(v["input"], "gs1") is not None) != v["ok"]]
    assert wrong == []


def test_identifiers_that_belong_together_or_not() -> None:
    vectors = load("gs1-syntax/gs1_syntax_engine_vectors.json")["validate_ais"]
    wrong = []
    for vector in vectors:
        scan = read(vector["input"])
        assert scan is not None
        if (TOGETHER[vector["validation"]] not in scan.problem_codes()) != vector["ok"]:
            wrong.append(vector["input"])
    assert wrong == []


def test_digital_links() -> None:
    """57 of 60: three are refused by an engine option that forbids GTINs without leading zeros; we always read them."""
    vectors = load("gs1-syntax/gs1_syntax_engine_vectors.json")["parse_digital_link"]
    wrong = agreeing(vectors, lambda v: element_string_of(v["input"], "digital_link"), "expect_unbracketed")
    assert wrong == ["dl.c:1453", "dl.c:1488", "dl.c:1498"]


def test_scanner_messages() -> None:
    """30 of 32: two carry a symbology and nothing else, which we refuse as empty (ID-001)."""
    vectors = load("gs1-syntax/gs1_syntax_engine_vectors.json")["process_scan_data"]
    assert agreeing(vectors, lambda v: scanned_data(v["scan"]), "expect_data") == ["scandata.c:879", "scandata.c:894"]


@pytest.mark.parametrize("name", sorted(RULES))
def test_content_rule(name: str) -> None:
    vectors = load("gs1-syntax/gs1_syntax_engine_vectors.json")["linters"][name]
    assert [v["input"] for v in vectors if RULES[name](v["input"]) != v["ok"]] == []


def test_only_named_content_rules_are_left_out() -> None:
    assert set(load("gs1-syntax/gs1_syntax_engine_vectors.json")["linters"]) - set(RULES) == NOT_OURS


def test_hibc_documentation_examples() -> None:
    document = load("hibc/hibc_vectors.json")
    for vector in document["vectors"]:  # their check characters are placeholders
        scan = read(vector["barcode"])
        assert scan is not None
        assert (scan.kind, scan.lot, scan.quantity) == ("hibc", vector["lot"], vector.get("qty"))
        assert str(scan.expiry or "") == vector.get("expiry", "")[:10].split("T")[0]
    for vector in document["mod43"]:
        scan = read(vector["barcode"])
        assert scan is not None
        assert ("ID-020" not in scan.problem_codes()) == vector["valid"]
