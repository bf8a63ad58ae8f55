"""Numbers as people type and paste them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.typed import plain

WIDE = {ord(char): ord(char) + 0xFEE0 for char in "0123456789.-+"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("１２．５", "12.5"),
        ("12。5", "12.5"),
        ("12.5\u200b", "12.5"),
        ("\ufeff12.5\t", "12.5"),
        ("\u300012.5\u00a0", "12.5"),
        ("１２　根", "12 根"),
        ("２０３１－１０", "2031-10"),
    ],
)
def test_what_means_nothing_in_a_number_is_left_out(typed: str, meant: str) -> None:
    assert plain(typed) == meant


@pytest.mark.parametrize("typed", ["12,5", "1,000", "10²", "①", "½", "1 000", "十二", "-0", "1e3"])
def test_nothing_is_guessed(typed: str) -> None:
    assert plain(typed) == typed


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3), st.sampled_from(["", "\u200b", "\u2060", " "]))
def test_full_width_means_the_same_number(number: Decimal, around: str) -> None:
    assert Decimal(plain(around + f"{number:f}".translate(WIDE) + around)) == number
