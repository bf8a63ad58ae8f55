"""Whoever meets `DESIGN 2.7` or `STANDARDS N 45` in the code finds it: each citation leads to a page and anchor of docs/design."""

import re

import pytest

from tests.support.house.citations import DESIGN, PAGES, ROOT, anchors_of, citations, files, leads_nowhere, of_text

NUMBERED = re.compile(r"\bissue (?:\d+|\"[a-z ]+\")")


def test_every_citation_leads_to_an_anchor() -> None:
    found = list(citations())
    assert len(found) > 1_000  # counted by row: a range of rows is as many citations
    lost = [f"{one.file}:{one.line}: {one.words}" for one in found if leads_nowhere(one)]
    assert lost == []


@pytest.mark.parametrize(
    ("text", "anchors"),
    [
        ("(DESIGN 2.7)", [("2.7",)]),
        ("(DESIGN 6a, 7.5; 21 CFR 11.10)", [("6a",), ("7.5",)]),
        ("DESIGN 6 and 7.5.", [("6",), ("7.5",)]),
        ("DESIGN 12, 21 CFR 11.100", [("12",)]),
        ("REQUIREMENTS 11-13, 21.  Fifty", [("r11",), ("r12",), ("r13",), ("r21",)]),
        ("requirement 83", [("r83",)]),
        ("STANDARDS 2.10", [("2.10",)]),
        ("STANDARDS N 45, D 102", [("n45",), ("d102",)]),
        ("STANDARDS 4", [("4",)]),
        ("STANDARDS rows C and T 62", [("c62", "t62")]),
        ("SCREENS, Manner", [("manner",)]),
        ("SCREENS: words of the plant", [()]),
        ("REQUIRED 3, REDESIGN 4", []),
    ],
)
def test_a_citation_is_read_as_people_write_it(text: str, anchors: list[tuple[str, ...]]) -> None:
    assert [one.anchors for one in of_text(text)] == anchors


@pytest.mark.parametrize(
    "text", ["DESIGN 2.11", "DESIGN 14", "REQ 129", "STANDARDS D 45", "STANDARDS 103", "STANDARDS 5.1"]
)
def test_a_citation_of_nothing_is_found(text: str) -> None:
    assert [leads_nowhere(one) for one in of_text(text)] == [True]


def test_each_row_is_there_once() -> None:
    rows = sorted(int(name[1:]) for name in anchors_of(DESIGN / "requirements.md") if re.fullmatch(r"r\d+", name))
    assert rows == list(range(1, 129))
    rows = sorted(int(name[1:]) for name in anchors_of(DESIGN / "standards.md") if re.fullmatch(r"[a-z]\d+", name))
    assert rows == list(range(1, 103))


def test_nothing_cites_what_is_not_in_the_repository() -> None:
    """Numbers of issues lie elsewhere, and die with the place."""
    found = [
        f"{file.relative_to(ROOT)}: {said}"
        for file in files(ROOT)
        if file.name not in {"CHANGELOG.md", "test_citations.py"}
        for said in NUMBERED.findall(file.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_every_page_that_may_be_cited_is_there() -> None:
    assert {page.name for page in DESIGN.glob("*.md")} == {*PAGES.values(), "index.md"}
