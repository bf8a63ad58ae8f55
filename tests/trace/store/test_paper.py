"""A trace on paper: the digest of the screen, Chinese that can be read, what was typed never read as markup."""

import html
from typing import Any

import pytest
import typst

from models.kernel.refusal import Refusal
from models.paper import pdf as papers
from models.trace.paper import trace_pdf
from models.trace.rules.trace import Direction
from models.trace.store import trace
from tests.support.graph import Plant, day


@pytest.fixture
def document(graph_plant: Plant) -> dict[str, Any]:
    steel, needle = graph_plant.raw("STEEL-1"), graph_plant.product('#panic("x") *N* [1', 50)
    graph_plant.use(steel, needle, 40, day(1))
    graph_plant.customer("C-1").name = "市第一医院 $x$ \\ @ref"
    graph_plant.ship(needle, 20, "C-1", "SH-1", day(3))
    graph_plant.hold(needle, day(4))
    graph_plant.raw("ALONE", supplier_id=None, supplier_lot=None)
    return trace.trace(graph_plant.session, [steel.id], Direction.BOTH, identifier="STEEL-1").document(day(9))


def _markup(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """The paper as HTML, whose words can be read."""
    compile_ = typst.compile

    def as_html(*given: Any, **more: Any) -> bytes:
        more |= {"format": "html", "pdf_standards": []}
        made = compile_(*given, **more)
        assert isinstance(made, bytes)
        return made

    monkeypatch.setattr(typst, "compile", as_html)
    return trace_pdf(document, day(9), "Asia/Shanghai", test=False).decode()


def test_the_paper_is_a_pdf_with_the_answer_attached_and_the_same_each_time(document: dict[str, Any]) -> None:
    made = trace_pdf(document, day(9), "Asia/Shanghai", test=False)
    assert made.startswith(b"%PDF-")
    assert b"answer.json" in made
    assert b"pdfaid" in made
    assert trace_pdf(document, day(9), "Asia/Shanghai", test=False) == made


def test_the_paper_says_what_the_answer_says(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    said = html.unescape(_markup(document, monkeypatch))
    for word in (
        document["digest"],
        '#panic("x") *N* [1',
        "市第一医院 $x$ \\ @ref",
        "SH-1",
        "STEEL-1",
        "完整",
        "冻结 held",
        "已放行 released",
        "投料 consumed",
        "冻结 hold 20",
    ):
        assert word in said, word


def test_the_paper_tells_the_plants_time_and_the_printed_month(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """20:00 in London is four in the morning of the next day in Suzhou; an expiry of a month has no day."""
    late = {
        **document,
        "edges": [{**one, "at": "2026-03-01T20:00:00.000000Z"} for one in document["edges"]],
        "nodes": [{**one, "expires_on": "2031-10"} for one in document["nodes"]],
    }
    said = html.unescape(_markup(late, monkeypatch))
    assert "2026-03-02 04:00" in said
    assert "Asia/Shanghai" in said
    assert "UTC" not in said
    assert "2031-10" in said
    assert "2031-10-01" not in said


def test_without_a_chinese_font_there_is_no_paper() -> None:
    with pytest.raises(Refusal) as caught:
        papers.chinese(["DejaVu Sans"])
    assert caught.value.code == "PDF-001"
    assert papers.chinese(["X", "WenQuanYi Zen Hei", "Noto Sans CJK SC"]) == "Noto Sans CJK SC"


def test_a_table_that_ends_early_says_so(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    longer = document | {"nodes": document["nodes"] * 1500}
    assert "共 3000 行" in _markup(longer, monkeypatch)
    assert "共 " not in _markup(document, monkeypatch)
