"""The page of import rules says what the code does."""

from pathlib import Path

from models.importing.rules.inventree.dump import KINDS
from models.importing.rules.page import BECOMES, page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "import-rules.md"


def test_the_page_says_what_the_code_does() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), f"python -m models.importing.rules.page > {PAGE}"


def test_the_page_tells_the_fate_of_every_kind_of_row() -> None:
    assert set(BECOMES["inventree"]) == set(KINDS.values())
