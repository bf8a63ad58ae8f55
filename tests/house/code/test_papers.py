"""Every paper is set from the one kit: page, tables, signatures, digest and what is attached are drawn there and nowhere else."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KIT = ROOT / "models/paper/kit.typ"
PAPERS = sorted(path for path in (ROOT / "models").rglob("*.typ") if path != KIT)
DRAWN = re.compile(r"set page\(|\btable\(|pdf\.attach|sys\.inputs|font:")


def test_the_kit_draws_what_papers_share() -> None:
    assert len(set(DRAWN.findall(KIT.read_text(encoding="utf-8")))) == 5


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_paper_stands_in_its_room_and_is_set_from_the_kit(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    assert paper.parent != KIT.parent
    assert text.count('#import "kit.typ": ') == 1
    assert text.count("#show: paper.with(") == 1
    assert DRAWN.findall(text) == []
