"""Numbers as people type and paste them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.kernel.typed import number, plain, told_digits

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


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("12.00", "12.00"), ("１２.０５", "12.05"), ("12。5", "12.5"), ("+3", "3"), ("-0.50", "-0.50")],
)
def test_a_number_keeps_the_digits_that_were_typed(typed: str, digits: str) -> None:
    assert str(number(typed)) == digits


@pytest.mark.parametrize(
    "typed", ["12_04", "1e1", ".5", "5.", "1,000", "12,5", "NaN", "Infinity", "١٢", "0x10", "", "--1", "1 0"]
)
def test_what_only_a_programming_language_reads_as_a_number_is_none(typed: str) -> None:
    assert number(typed) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_no_digit_of_a_value_is_ever_lost_without_a_word(value: Decimal) -> None:
    places = -int(value.as_tuple().exponent)
    if places > 6:
        with pytest.raises(Refusal, match="INS-023"):
            told_digits("直径", value)
    else:
        assert Decimal(told_digits("直径", value)) == value
        assert len(told_digits("直径", value).partition(".")[2]) == max(0, places)
