"""A unit is said in words wherever a person reads it, and as a code only where software does."""

from decimal import Decimal

import pytest

from models.kernel.units.names import both, called
from models.recall.rules.funnel import Shipped, funnel
from models.recall.rules.remaining import remaining


@pytest.mark.parametrize(
    ("code", "quantity", "said"),
    [
        ("EA", Decimal(1), ("件", "pc")),
        ("EA", Decimal(20), ("件", "pcs")),
        ("rod", Decimal(58), ("根", "rods")),
        ("kg", Decimal(1), ("千克", "kg")),
        ("桶", Decimal(3), ("桶", "桶")),
    ],
)
def test_a_unit_is_called_by_its_name_in_both_languages(code: str, quantity: Decimal, said: tuple[str, str]) -> None:
    assert called(code, quantity) == said


def test_a_paper_says_a_unit_in_both_and_one_without_a_name_once() -> None:
    assert [both(code) for code in ("EA", "rod", "桶")] == ["件 pcs", "根 rods", "桶"]


def test_what_a_recall_leaves_open_is_said_in_the_unit_of_each_language() -> None:
    shipped = [
        Shipped("C-1", "市一院", "H-1", "HIP", "EA", Decimal(28)),
        Shipped("C-1", "市一院", "R-1", "BAR", "rod", Decimal(1)),
    ]
    found = remaining(funnel([], shipped, []), 0, 0, 0, [], None)  # type: ignore[arg-type]  # no clock is running
    (out,) = [one for one in found if one.code == "out"]
    assert (out.zh, out.en) == ("仍在外、未收回: 28 件、1 根", "still out: 28 pcs, 1 rod")
