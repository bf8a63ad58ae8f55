"""Quantities in another unit: exact, or refused; every factor as an independent library has it."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.kernel.units.units import CODES, OFFERED, PLACES, SPELLINGS, Kept, convert, split, told, unit

ORACLE: Any = pint.UnitRegistry(non_int_type=Decimal)
FIRST = {"length": "m", "mass": "g", "volume": "l", "area": "m**2"}
# how the other library writes a unit of ours; pieces are nothing that is measured, so they have their own test
THEIRS = [
    *("m", "nm", "um", "mm", "cm", "dm", "km", "in", "ft", "yd"),
    *("g", "ug", "mg", "kg", "t", "oz", "lb"),
    *("l", "ul", "ml", "cl", "dl", "cc"),
    *(("m3", "m**3"), ("m2", "m**2"), ("mm2", "mm**2"), ("cm2", "cm**2"), ("dm2", "dm**2")),
]
amounts = st.decimals(min_value="0.000001", max_value="1000000", places=PLACES, allow_nan=False)
units = st.sampled_from(sorted(SPELLINGS))


@pytest.mark.parametrize("names", [(one, one) if isinstance(one, str) else one for one in THEIRS], ids=str)
def test_a_factor_is_the_one_that_an_independent_library_has(names: tuple[str, str]) -> None:
    ours, theirs = names
    known = unit(ours)
    assert known is not None
    factor = ORACLE.Quantity(Decimal(1), theirs).to(FIRST[known.dimension]).magnitude
    assert abs(Decimal(known.factor.numerator) / Decimal(known.factor.denominator) - factor) <= factor * Decimal(
        "1e-24"
    )


def test_every_measure_of_the_table_is_held_against_the_library() -> None:
    asked = {unit(one if isinstance(one, str) else one[0]) for one in THEIRS}
    assert {known for known in SPELLINGS.values() if known.dimension != "count"} == asked
    assert set(CODES.values()) <= set(SPELLINGS.values())


@pytest.mark.parametrize(
    ("quantity", "given_unit", "kept", "expected"),
    [
        ("500", "mm", Kept("L", "m"), "0.5"),
        ("2.5", "kg", Kept("L", "g"), "2500"),
        ("2.5", "KG", Kept("L", "g"), "2500"),
        ("3", "英尺", Kept("L", "m"), "0.9144"),
        ("250", "毫升", Kept("L", "升"), "0.25"),
        ("2", "DZN", Kept("L", "件"), "24"),
        ("5", "pcs", Kept("L", "box", "pcs", Decimal(20)), "0.25"),
        ("2", "box", Kept("L", "box", "pcs", Decimal(20)), "2"),
        ("7", "卷", Kept("L", "卷"), "7"),
        ("30", "m", Kept("L", "roll", "m", Decimal(120)), "0.25"),
        ("3000", "cm", Kept("L", "roll", "m", Decimal(120)), "0.25"),
        ("1", "", Kept("L", "m"), "1"),
    ],
)
def test_what_was_measured_becomes_what_the_lot_is_kept_in(
    quantity: str, given_unit: str, kept: Kept, expected: str
) -> None:
    assert convert(Decimal(quantity), given_unit, kept) == Decimal(expected)


@pytest.mark.parametrize(
    ("quantity", "given_unit", "kept", "code"),
    [
        ("1", "斤半", Kept("L", "m"), "UNI-001"),
        ("1", "<b>", Kept("L", "m"), "UNI-001"),
        ("1", "Mg", Kept("L", "g"), "UNI-001"),  # a million grams, or a milligram?
        ("1", "mil", Kept("L", "m"), "UNI-001"),  # a thousand, or a thousandth of an inch?
        ("1", "kg", Kept("L", "m"), "UNI-002"),
        ("1", "m2", Kept("L", "m"), "UNI-002"),
        ("1", "m", Kept("L", "box", "pcs", Decimal(20)), "UNI-002"),
        ("1", "m", Kept("L", "ft"), "UNI-003"),
        ("1", "pcs", Kept("L", "box", "pcs", Decimal(3)), "UNI-003"),
        ("0.01", "mg", Kept("L", "g"), None),
        ("0.01", "ug", Kept("L", "g"), "UNI-003"),
        ("100000000", "t", Kept("L", "g"), "UNI-004"),
        ("99999999", "t", Kept("L", "g"), None),
    ],
)
def test_what_cannot_be_kept_exactly_is_refused(quantity: str, given_unit: str, kept: Kept, code: str | None) -> None:
    if code is None:
        assert convert(Decimal(quantity), given_unit, kept)
        return
    with pytest.raises(Refusal) as refused:
        convert(Decimal(quantity), given_unit, kept)
    assert refused.value.code == code


@given(quantity=amounts, there=units, here=units)
def test_a_conversion_is_exact_or_refused_and_leads_back(quantity: Decimal, there: str, here: str) -> None:
    kept, said = Decimal(0), ""
    try:
        kept = convert(quantity, there, Kept("L", here))
    except Refusal as no:
        said = no.code
    if said:
        assert said == ("UNI-003" if SPELLINGS[there].dimension == SPELLINGS[here].dimension else "UNI-002")
        return
    assert Fraction(kept) * SPELLINGS[here].factor == Fraction(quantity) * SPELLINGS[there].factor
    assert kept == kept.quantize(Decimal(1).scaleb(-PLACES))
    assert convert(kept, here, Kept("L", there)) == quantity
    assert "E" not in str(kept)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("500 mm", ("500", "mm")),
        ("500mm", ("500", "mm")),
        (" 2.5 千克 ", ("2.5", "千克")),
        ("1e3", ("1e3", None)),
        ("5 ea", ("5", "ea")),
        ("5ea", ("5", "ea")),
        ("12", ("12", None)),
        ("5 cm²", ("5", "cm²")),
        ("", ("", None)),
        ("mm", ("mm", None)),
        ("5 mm 6", ("5 mm 6", None)),
        ("-3 kg", ("-3", "kg")),
    ],
)
def test_a_unit_may_be_typed_behind_the_number(typed: str, expected: tuple[str, str | None]) -> None:
    assert split(typed) == expected


def test_what_was_told_is_kept_where_it_was_told_otherwise() -> None:
    assert told(Decimal("500.000"), "mm", "m") == {"told": "500 mm"}
    assert told(Decimal(5), None, "m") == told(Decimal(5), "m", "m") == {}


def test_a_form_offers_known_units() -> None:
    assert all(one in SPELLINGS for one in OFFERED)
