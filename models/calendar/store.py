"""The shipped book of deadline rules and calendars, read once from `definitions/`."""

from functools import cache
from pathlib import Path

from models.calendar.rules.deadline_book import Book, read_book

DEFINITIONS = Path(__file__).parents[2] / "definitions"


@cache
def shipped() -> Book:
    """The book that ships with this release."""
    return read_book(_texts("deadlines"), _texts("calendars"))


def _texts(folder: str) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in sorted((DEFINITIONS / folder).glob("*.yaml"))]
