"""What every request's texts have in common: trimmed, with an end, and never able to turn the direction of what follows."""

import pytest
from pydantic import ValidationError

from api.frame.request.shapes import Input, Name, Reason, Words


class Given(Input):
    name: Name
    reason: Reason = "r"
    words: Words = ""


@pytest.mark.parametrize("mark", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_a_name_can_not_be_shown_as_another_one(mark: str) -> None:
    """U+202E before “nehc” shows “chen”: whoever reads a signature's line would read another person."""
    given = Given(name=f"王{mark}医生", reason=f"{mark}nehc", words=mark)
    assert (given.name, given.reason, given.words) == ("王医生", "nehc", "")


@pytest.mark.parametrize(
    ("name", "kind"), [("  ", "string_too_short"), ("\u202e", "string_too_short"), ("x" * 201, "string_too_long")]
)
def test_a_name_is_neither_empty_nor_endless(name: str, kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Given(name=name)
    assert [error["type"] for error in caught.value.errors()] == [kind]


def test_blanks_around_a_text_are_dropped() -> None:
    assert Given(name=" 王 医生 ").name == "王 医生"
