"""The published vectors of GS1 and HIBC through resolve: the share that agrees, and every one that doesn't with its reason.

`docs/explanation/identifiers.md` tells people the same numbers; a test holds the page to them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlmodel import Session

from models.identifier.rules import identifiers
from models.identifier.rules.check_digits import RULES, mod43
from models.identifier.rules.scan import Scan
from models.kernel.refusal import Refusal
from models.resolve.store import resolve
from runtime.postgres import SUPERUSER, Postgres
from tests.identifier.rules.test_vectors import MALFORMED, TOGETHER, element_string_of, load, scanned_data
from tests.support.graph import Plant
from tests.support.house.proves import proves
from tests.support.servers.database import TestDatabase

PAGE = Path(__file__).parents[2] / "docs/explanation/identifiers.md"
ENGINE = "gs1-syntax/gs1_syntax_engine_vectors.json"
# What disagrees, by category; the reasons stand on the page.
SHORT_GTIN = ["dl.c:1453", "dl.c:1488", "dl.c:1498"]
NOTHING_BUT_SYMBOLOGY = ["scandata.c:879", "scandata.c:894"]
NOT_READ = {"couponcode": 187, "couponposoffer": 39, "gcppos1": 2, "packagetype": 224}


def scan_of(text: str) -> Scan | None:
    try:
        return identifiers.parse(text)
    except Refusal:
        return None


def label(di: str) -> str:
    """The barcode of a registered HIBC identifier: registers drop a check character that is no letter or digit."""
    if mod43("+" + di[:-1]) == di[-1]:
        return "+" + di
    missing = mod43("+" + di) or ""
    assert not missing.isalnum()
    return "+" + di + missing


def where(vector: dict[str, Any]) -> str:
    return str(vector["src"]).rsplit("/", maxsplit=1)[-1]


def gs1() -> dict[str, tuple[int, list[str]]]:
    """Per category: how many vectors, and which disagree."""
    document = load(ENGINE)

    def wrong(name: str, agrees: Callable[[dict[str, Any]], bool]) -> tuple[int, list[str]]:
        return len(document[name]), [where(vector) for vector in document[name] if not agrees(vector)]

    def read_back(vector: dict[str, Any], written: str, meant: str) -> bool:
        back, source = scan_of(vector[written]), scan_of(vector[meant])
        return bool(back and source and {*back.elements} == {*source.elements})

    def together(vector: dict[str, Any]) -> bool:
        scan = scan_of(vector["input"])
        return scan is not None and (TOGETHER[vector["validation"]] not in scan.problem_codes()) is vector["ok"]

    def link(vector: dict[str, Any]) -> bool:
        ours = element_string_of(vector["input"], "digital_link")
        return ours == (vector["expect_unbracketed"] if vector["ok"] else None)

    def scanned(vector: dict[str, Any]) -> bool:
        return scanned_data(vector["scan"]) == (vector["expect_data"] if vector["ok"] else None)

    def generated(vector: dict[str, Any]) -> bool:
        scan = vector.get("expect_scan") or ""
        if not scan.startswith("]"):
            return scan_of(scan) is None or not vector.get("ok", True)
        back = scan_of(scan)
        return back is not None and not set(back.problem_codes()) & MALFORMED

    def unbracketed(vector: dict[str, Any]) -> bool:
        return (element_string_of(vector["input"], "gs1") is not None) is vector["ok"]

    def bracketed(vector: dict[str, Any]) -> bool:
        return element_string_of(vector["input"], "gs1") == (vector["expect_unbracketed"] if vector["ok"] else None)

    found = {
        "bracketed element strings": wrong("parse_bracketed_ai", bracketed),
        "unbracketed element strings": wrong("process_unbracketed_ai", unbracketed),
        "identifiers that belong together": wrong("validate_ais", together),
        "Digital Links": wrong("parse_digital_link", link),
        "Digital Links as generated": wrong(
            "generate_digital_link", lambda vector: not vector["ok"] or read_back(vector, "expect_uri", "ai_data")
        ),
        "scanner messages": wrong("process_scan_data", scanned),
        "scanner messages as generated": wrong("generate_scan_data", generated),
    }
    rules = [(name, vector) for name, vectors in document["linters"].items() for vector in vectors]
    bad = [name for name, vector in rules if name not in RULES or RULES[name](vector["input"]) != vector["ok"]]
    return {**found, "content of values": (len(rules), bad)}


def hibc() -> dict[str, tuple[int, list[str]]]:
    document = load("hibc/hibc_vectors.json")
    vectors, real = document["vectors"], [di for di in document["real_hibcc_dis_from_gudid"] if not di.isdigit()]

    def example(vector: dict[str, Any]) -> bool:
        scan = scan_of(vector["barcode"])
        said = vector.get("expiry", "")[:10].split("T")[0]
        return scan is not None and (scan.kind, scan.lot, scan.quantity, str(scan.expiry or "")) == (
            "hibc",
            vector["lot"],
            vector.get("qty"),
            said,
        )

    def checked(vector: dict[str, Any]) -> bool:
        scan = scan_of(vector["barcode"])
        return scan is not None and ("ID-020" not in scan.problem_codes()) is vector["valid"]

    def labelled(di: str) -> bool:
        scan = scan_of(label(di))
        return scan is not None and scan.kind == "hibc" and di in scan.di_candidates and not scan.problems

    return {
        "HIBC examples": (len(vectors), [each["barcode"] for each in vectors if not example(each)]),
        "HIBC check characters": (1, [each["barcode"] for each in document["mod43"] if not checked(each)]),
        "real HIBC device identifiers": (len(real), [di for di in real if not labelled(di)]),
    }


def test_what_disagrees_is_known_by_category() -> None:
    known = {
        "Digital Links": SHORT_GTIN,
        "scanner messages": NOTHING_BUT_SYMBOLOGY,
        "content of values": [name for name, count in NOT_READ.items() for _ in range(count)],
    }
    measured = gs1() | hibc()
    assert {name: wrong for name, (_, wrong) in measured.items() if wrong} == known


def test_the_page_says_the_share() -> None:
    measured = gs1() | hibc()
    rows = [f"| {name} | {total} | {total - len(wrong)} |" for name, (total, wrong) in measured.items()]
    total = sum(total for total, _ in measured.values())
    agree = total - sum(len(wrong) for _, wrong in measured.values())
    rows.append(f"| all | {total} | {agree} ({agree / total:.1%}) |")
    page = PAGE.read_text("utf-8")
    assert [row for row in rows if row not in page] == []


def inputs() -> list[str]:
    """Every text of the vectors that somebody could scan or type."""
    document, more = load(ENGINE), load("hibc/hibc_vectors.json")
    texts = [
        vector[name]
        for category in ("parse_bracketed_ai", "process_unbracketed_ai", "validate_ais", "parse_digital_link")
        for vector in document[category]
        for name in ("input",)
    ]
    texts += [vector["scan"] for vector in document["process_scan_data"]]
    texts += [vector["expect_uri"] for vector in document["generate_digital_link"] if vector.get("expect_uri")]
    texts += [vector["expect_scan"] for vector in document["generate_scan_data"] if vector.get("expect_scan")]
    texts += [vector["barcode"] for vector in [*more["vectors"], *more["mod43"]]]
    texts += [label(di) for di in more["real_hibcc_dis_from_gudid"] if not di.isdigit()]
    return list(dict.fromkeys(texts))


@proves("U 83")
@pytest.mark.usefixtures("people")
def test_every_vector_is_answered_and_finds_its_device_when_we_have_it(
    as_: Callable[..., Any], postgres: Postgres, founded_database: TestDatabase
) -> None:
    """Each is found with what was read, or refused in two languages; nothing breaks."""
    texts = inputs()
    scans = {text: scan for text in texts if (scan := scan_of(text)) and scan.di_candidates}
    engine = create_engine(postgres.url(SUPERUSER, founded_database.name))
    with Session(engine) as session:
        plant = Plant(session)
        plant.begin()
        item = plant.item("NEEDLE")
        for code in dict.fromkeys(scan.di_candidates[0] for scan in scans.values()):
            plant.identifier(item, code)
        session.commit()
        read = {text: resolve.look(session, text).scan.as_dict() for text in scans}
    engine.dispose()
    person = as_("sun.zhao")
    assert len(scans) > 100
    for text in texts:
        answer = person.get("/resolve", params={"text": text})
        body = answer.json()
        if text in scans:
            assert answer.status_code == 200, (text, answer.text)
            assert body["scan"] == read[text]
            assert "NEEDLE" in [hit["number"] for hit in body["hits"]], text
        else:
            assert answer.status_code in {404, 422}, (text, answer.text)
            assert body["code"]
            assert body["zh"]
