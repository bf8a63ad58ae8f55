"""What a pallet's label says, beside what the record says is on it (ISO 13485 7.5.8)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.identifier.rules.identifiers import parse
from models.kernel.refusal import Refusal
from models.kernel.time.moments import PrintedDate
from models.label.rules.unit import Goods, Product, check, compare

GTIN, OTHER, NOBODYS = "06901234567892", "06901234567908", "06901234567915"
SSCC = "106141412345678908"
PRODUCTS = {GTIN: Product("HIP-12", 1), OTHER: Product("PEEK-20", 12)}


def goods(lot_no: str, quantity: int, item_no: str = "HIP-12", expiry: PrintedDate | None = None) -> Goods:
    return Goods(lot_no, item_no, Decimal(quantity), "pcs", frozenset({lot_no}), expiry or PrintedDate.of(2031, 10, 0))


def label(gtin: str = GTIN, count: int | None = 48, lot: str = "H-1", expiry: str = "311000") -> str:
    return f"(00){SSCC}(02){gtin}(17){expiry}(10){lot}" + (f"(37){count}" if count is not None else "")


@given(st.integers(1, 10_000), st.booleans())
def test_a_label_that_agrees_says_nothing_else(quantity: int, growing: bool) -> None:
    assert compare([goods("H-1", quantity)], [parse(label(count=quantity))], PRODUCTS, growing=growing) == ()
    assert compare([goods("H-1", quantity)], [parse(f"(00){SSCC}")], PRODUCTS, growing=growing) == ()


@pytest.mark.parametrize(
    ("typed", "inside", "expected"),
    [
        (label(lot="H-2"), [goods("H-1", 48)], [("number", "H-2", "H-1")]),
        (label(), [goods("H-1", 40), goods("H-2", 8)], [("number", "H-1", "H-2")]),
        (label(count=47), [goods("H-1", 48)], [("count", "47", "48")]),
        (label(expiry="301000"), [goods("H-1", 48)], [("expiry", "2030-10", "2031-10")]),
        (label(gtin=OTHER, count=4), [goods("H-1", 48)], [("product", OTHER, "HIP-12")]),
        (label(gtin=NOBODYS), [goods("H-1", 48)], [("product", NOBODYS, "HIP-12")]),
        (label(gtin=OTHER, count=4, lot="P-1"), [goods("P-1", 48, "PEEK-20"), goods("H-1", 5)], []),
        (label(gtin=OTHER, count=4, lot="P-1"), [goods("P-1", 47, "PEEK-20")], [("count", "48", "47")]),
        (label(), [], [("product", GTIN, "–"), ("number", "H-1", "–"), ("count", "48", "0")]),
    ],
)
def test_what_a_label_says_otherwise_is_named(
    typed: str, inside: list[Goods], expected: list[tuple[str, str, str]]
) -> None:
    found = compare(inside, [parse(typed)], PRODUCTS)
    assert [(one.what, one.label, one.told) for one in found] == expected


def test_while_it_is_being_packed_a_label_may_say_more_but_not_less_than_is_in_it() -> None:
    assert compare([goods("H-1", 20)], [parse(label())], PRODUCTS, growing=True) == ()
    assert compare([goods("H-1", 20)], [parse(label())], PRODUCTS) != ()
    (one,) = compare([goods("H-1", 49)], [parse(label())], PRODUCTS, growing=True)
    assert one.what == "count"


def test_a_difference_is_refused_until_somebody_says_why() -> None:
    found = compare([goods("H-1", 48)], [parse(label(lot="H-2"))], PRODUCTS)
    with pytest.raises(Refusal) as refused:
        check(SSCC, found, " ")
    assert (refused.value.code, "H-2" in refused.value.en, SSCC in refused.value.zh) == ("PCK-023", True, True)
    check(SSCC, found, "重贴过标签")
    check(SSCC, (), None)
